declare const everything: unique symbol;

/** The `H` of an operator that leaves no failure over, such as `orDie()`. */
export interface Everything {
  readonly [everything]: true;
}

/**
 * What is left of `E` after an operator. A member of an interface that is looked up each time, for
 * of an alias an editor would show the name and the arguments, nested, and not the union.
 */
interface Left<E, X, H> {
  readonly failures: [H] extends [never] ? E | X : (E extends (Everything extends H ? unknown : H) ? never : E) | X;
}

export type After<E, X, H> = Left<E, X, H>['failures'];
export type After2<E, X1, H1, X2, H2> = Left<After<E, X1, H1>, X2, H2>['failures'];
export type After3<E, X1, H1, X2, H2, X3, H3> = Left<After2<E, X1, H1, X2, H2>, X3, H3>['failures'];
export type After4<E, X1, H1, X2, H2, X3, H3, X4, H4> = Left<After3<E, X1, H1, X2, H2, X3, H3>, X4, H4>['failures'];
export type After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5> = Left<
  After4<E, X1, H1, X2, H2, X3, H3, X4, H4>,
  X5,
  H5
>['failures'];
export type After6<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6> = Left<
  After5<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5>,
  X6,
  H6
>['failures'];
export type After7<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7> = Left<
  After6<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6>,
  X7,
  H7
>['failures'];
export type After8<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7, X8, H8> = Left<
  After7<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7>,
  X8,
  H8
>['failures'];
export type After9<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7, X8, H8, X9, H9> = Left<
  After8<E, X1, H1, X2, H2, X3, H3, X4, H4, X5, H5, X6, H6, X7, H7, X8, H8>,
  X9,
  H9
>['failures'];

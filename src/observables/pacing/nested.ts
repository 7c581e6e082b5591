/**
 * How deep what waited and ends at once is begun within the completion of the one before it, as
 * RxJS does it: before what follows that completion in its own source, such as a `finalize`. What
 * comes after that is begun in a loop, where RxJS exhausts the stack.
 */
export const MAX_NESTED = 32;

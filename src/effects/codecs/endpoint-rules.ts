import { expectedGot } from './messages.ts';
import type { Naming, Problem, Rule } from './option-codec.ts';

/** Each of these says where; more than one of them contradict each other. */
const PLACES = ['port', 'path', 'fd'] as const;

type Given = ReadonlyMap<string, unknown>;

function mustBeLeftOut(given: Given, name: string, place: string, nameOf: Naming): Problem {
  const value = given.get(name);
  return { keys: [name], value, message: expectedGot(`nothing, since ${nameOf([place])} is given`, value) };
}

/**
 * That exactly one of `port`, `path` and `fd` says where. (As options of a program's own, one of them wins over another: from
 * outside, two are a mistake.)
 *
 * @param port - what kind of port it is that is missing when nothing is given.
 */
export const onePlace =
  (port: string): Rule =>
  (given, nameOf) => {
    const [first, ...others] = PLACES.filter((name) => given.has(name));
    if (first !== undefined) return others.map((name) => mustBeLeftOut(given, name, first, nameOf));
    const expected = `${port}, unless ${nameOf(['path'])} or ${nameOf(['fd'])} is given`;
    return [{ keys: ['port'], value: undefined, message: expectedGot(expected, undefined) }];
  };

/** That some options are not there unless one of certain places is given, where they would be without effect. */
export const onlyWith =
  (places: readonly (typeof PLACES)[number][], names: readonly string[]): Rule =>
  (given, nameOf) => {
    const other = PLACES.find((name) => given.has(name));
    if (other === undefined || places.some((name) => given.has(name))) return [];
    return names.filter((name) => given.has(name)).map((name) => mustBeLeftOut(given, name, other, nameOf));
  };

import { DecodeFailed } from '../../core/failures/index.ts';

/** How a number is written in front of a message. */
export interface LengthField {
  /** The least number of bytes that it takes. */
  readonly least: number;
  /** The largest number that can be written. */
  readonly most: number;
  /** The number that begins at `at`; -1 when its bytes are not all there. */
  read(bytes: Buffer, at: number): number;
  /** How many bytes a number takes. */
  sizeOf(value: number): number;
  /** Writes a number at `at`. */
  write(bytes: Buffer, at: number, value: number): void;
}

/** What a fixed field reads and writes with. */
interface Access {
  readonly read: (bytes: Buffer, at: number) => number;
  readonly write: (bytes: Buffer, at: number, value: number) => void;
}

const BITS = 8;

const fixed = (size: number, { read, write }: Access): LengthField => ({
  least: size,
  most: 2 ** (BITS * size) - 1,
  read: (bytes, at) => (bytes.length - at < size ? -1 : read(bytes, at)),
  sizeOf: () => size,
  write,
});

const byte: Access = {
  read: (bytes, at) => bytes.readUInt8(at),
  write: (bytes, at, value) => bytes.writeUInt8(value, at),
};

/** Unsigned numbers of 1, 2 and 4 bytes. */
export const fixedFields = {
  big: {
    1: fixed(1, byte),
    2: fixed(2, {
      read: (bytes, at) => bytes.readUInt16BE(at),
      write: (bytes, at, value) => bytes.writeUInt16BE(value, at),
    }),
    4: fixed(4, {
      read: (bytes, at) => bytes.readUInt32BE(at),
      write: (bytes, at, value) => bytes.writeUInt32BE(value, at),
    }),
  },
  little: {
    1: fixed(1, byte),
    2: fixed(2, {
      read: (bytes, at) => bytes.readUInt16LE(at),
      write: (bytes, at, value) => bytes.writeUInt16LE(value, at),
    }),
    4: fixed(4, {
      read: (bytes, at) => bytes.readUInt32LE(at),
      write: (bytes, at, value) => bytes.writeUInt32LE(value, at),
    }),
  },
} as const;

/** Each byte of a varint has seven bits of the number, the lowest first, and one that says whether another byte follows. */
const GROUP = 0x80;

/** 2^53 - 1 takes eight bytes. */
const LONGEST_VARINT = 8;

/** Unsigned LEB128, as in Protocol Buffers: in its shortest form, and up to 2^53 - 1. */
export const varintField: LengthField = {
  least: 1,
  most: Number.MAX_SAFE_INTEGER,
  read(bytes, at) {
    let value = 0;
    let weight = 1;
    for (let index = 0; index < LONGEST_VARINT; index++) {
      const group = bytes[at + index];
      if (group === undefined) return -1;
      value += (group % GROUP) * weight;
      if (group < GROUP) {
        if (group === 0 && index > 0) throw new DecodeFailed({ reason: 'its length is not in the shortest form' });
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      weight *= GROUP;
    }
    throw new DecodeFailed({ reason: 'its length is more than 2^53 - 1' });
  },
  sizeOf(value) {
    let size = 1;
    for (let rest = value; rest >= GROUP; rest = Math.floor(rest / GROUP)) size++;
    return size;
  },
  write(bytes, at, value) {
    let rest = value;
    let index = at;
    for (; rest >= GROUP; rest = Math.floor(rest / GROUP)) bytes[index++] = (rest % GROUP) + GROUP;
    bytes[index] = rest;
  },
};

/** Prints a line, with who says it in front. */
export const say = (who: string, text: string): void => {
  console.log(`  ${who.padEnd(8)}  ${text}`);
};

/** Bytes for people: `1.5 MiB`. */
export const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

// Answers every require('net') of the process with another module: `node --require ./substitute.cjs program.js`.
// The program and what it depends on stay as they are. docs/compat.md shows the same to users.
'use strict';

const Module = require('node:module');

// Before the substitution begins: what stands below it needs the real one.
const net = require('rxjs-net/compat');

// oxlint-disable-next-line typescript/unbound-method -- it is called with its own `this`
const load = Module.prototype.require;

/** @param {string} id @this {NodeJS.Module} */
Module.prototype.require = function (id) {
  return id === 'net' || id === 'node:net' ? net : load.call(this, id);
};

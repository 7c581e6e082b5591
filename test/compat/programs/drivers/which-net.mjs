// Says which of the ways to node:net lead to compat.
import { createRequire } from 'node:module';
import net, { connect } from 'node:net';
import process from 'node:process';

import compat from 'rxjs-net/compat';

const require = createRequire(import.meta.url);
const answers = {
  "require('net')": require('net') === compat,
  "require('node:net')": require('node:net') === compat,
  "import net from 'node:net'": net === compat,
  "import { connect } from 'node:net'": connect === compat.connect,
};
process.stdout.write(JSON.stringify(answers));

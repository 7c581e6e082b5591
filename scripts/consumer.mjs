// The declarations as a user's compiler sees them: packs the package, installs the tarball with its peers into a project
// outside this one, compiles a small program there with every supported compiler and module form, and runs it.
// The compilers are installed once, into a folder that git ignores.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { name, devDependencies, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const compilers = { 5.4: '5.4.5', 5.9: '5.9.3', '7.0': '7.0.2' };

const forms = {
  'esm nodenext': { type: 'module', module: 'nodenext', resolution: 'nodenext', file: 'esm.ts' },
  'esm bundler': { type: 'module', module: 'esnext', resolution: 'bundler', file: 'esm.ts' },
  'cjs nodenext': { type: 'commonjs', module: 'nodenext', resolution: 'nodenext', file: 'cjs.ts' },
  'cjs node16': { type: 'commonjs', module: 'node16', resolution: 'node16', file: 'cjs.ts' },
};

const run = (command, args, options) => spawnSync(command, args, { encoding: 'utf8', timeout: 120_000, ...options });

const must = (what, { status, error, stdout, stderr }) => {
  if (status === 0) return stdout;
  console.error(`${what} failed: ${error?.message ?? `exit code ${status}`}\n${stdout}${stderr}`);
  process.exit(1);
};

const write = (file, text) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

// ------------------------------------------------------------------------------------------------------- compilers

const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--loglevel=error'];
const cache = join(root, '.cache', 'compilers');
const compiler = (key) => join(cache, 'node_modules', `typescript-${key}`, 'bin', 'tsc');

if (!Object.keys(compilers).every((key) => existsSync(compiler(key)))) {
  write(join(cache, 'package.json'), '{ "private": true }\n');
  const aliases = Object.entries(compilers).map(([key, version]) => `typescript-${key}@npm:typescript@${version}`);
  must('installing the compilers', run('npm', ['install', '--no-save', ...quiet, ...aliases], { cwd: cache }));
}

// ---------------------------------------------------------------------------------------------------- the consumer

const project = mkdtempSync(join(tmpdir(), `${name}-consumer-`));
process.once('exit', () => rmSync(project, { recursive: true, force: true }));

const packed = must('npm pack', run('npm', ['pack', '--json', '--pack-destination', project], { cwd: root }));
const [{ filename, files, size }] = JSON.parse(packed);
console.log(`${filename}: ${files.length} files, ${Math.round(size / 1024)} kB`);

write(join(project, 'package.json'), '{ "private": true }\n');
const wanted = [
  join(project, filename),
  ...['rxjs', 'fp-ts', 'io-ts'].map((peer) => `${peer}@${devDependencies[peer]}`),
  `@types/node@${devDependencies['@types/node']}`,
];
must('installing the tarball', run('npm', ['install', ...quiet, ...wanted], { cwd: project }));

const programs = join(root, 'scripts', 'consumer');
const strict = {
  target: 'es2022',
  lib: ['es2022'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmitOnError: true,
};

let failed = 0;

const consume = (key, form, rxjs = devDependencies.rxjs) => {
  const { type, module, resolution, file } = forms[form];
  const folder = join(project, `${key} ${form} ${rxjs}`.replaceAll(' ', '-'));
  write(join(folder, 'package.json'), JSON.stringify({ private: true, type }));
  write(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { ...strict, module, moduleResolution: resolution, outDir: 'out' },
      files: [file],
    }),
  );
  write(join(folder, file), readFileSync(join(programs, `${file}.txt`), 'utf8'));

  const label = `TypeScript ${compilers[key]} ${form}, rxjs ${rxjs}`;
  const compiled = run(process.execPath, [compiler(key), '-p', folder]);
  const ran =
    compiled.status === 0
      ? run(process.execPath, [join(folder, 'out', file.replace('.ts', '.js'))], { cwd: folder, timeout: 20_000 })
      : undefined;
  const good = ran?.status === 0 && ran.stderr === '' && ran.stdout === 'consumed: HELLO\n';
  if (!good) failed += 1;
  const output = [compiled.stdout, compiled.stderr, ran?.stdout, ran?.stderr, ran?.error?.message].join('');
  console.log(good ? `ok   ${label}: compiled and ran` : `FAIL ${label}\n${output}`);
};

for (const key of Object.keys(compilers)) for (const form of Object.keys(forms)) consume(key, form);

// The oldest peers that their ranges allow.
const oldest = peerDependencies.rxjs.replace('^', '');
const peers = Object.entries(peerDependencies)
  .filter(([, range]) => range.startsWith('^'))
  .map(([peer, range]) => `${peer}@${range.replace('^', '')}`);
must('installing the oldest peers', run('npm', ['install', ...quiet, ...peers], { cwd: project }));
consume('5.4', 'cjs node16', oldest);
consume('7.0', 'esm nodenext', oldest);

// What the types say of the failures of each program in test/types, by the compilers that `npm test` doesn't have.
const { status, stdout, stderr } = run(
  process.execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/types', '--reporter=dot'],
  {
    cwd: root,
    timeout: 300_000,
    env: { ...process.env, RXJS_NET_TYPE_COMPILERS: JSON.stringify({ 5.4: compiler('5.4') }) },
  },
);
if (status !== 0) failed += 1;
console.log(
  status === 0 ? 'ok   what the types of the programs say, TypeScript 5.4' : `FAIL programs\n${stdout}${stderr}`,
);

process.exitCode = failed === 0 ? 0 : 1;

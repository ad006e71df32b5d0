/**
 * Bundles the tab for the browser: `node src/tab/build.ts`, which `npm ci` does by itself. What it writes to dist/tab is all
 * the server needs; React, Fluent UI and the bundler itself are gone in production.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const place = join(root, 'dist/tab');

/** The board, and the page of a form, which has its own so that neither waits for the other's code. */
const pages = [
  { name: 'tab', entry: 'main.tsx', file: 'index.html' },
  { name: 'dialog', entry: 'dialog/main.tsx', file: 'dialog.html' },
];

const esbuild = await import('esbuild').catch(() => undefined);
if (esbuild) await build(esbuild);
else console.log('The tab was not built: its bundler is a development dependency (npm ci without --omit=dev has it).');

async function build({ build: bundle }: typeof import('esbuild')) {
  // Made aside and moved, so that a server that is running never gives out half of it.
  const fresh = mkdtempSync(join(tmpdir(), 'teammate-tab-'));
  const { metafile } = await bundle({
    entryPoints: Object.fromEntries(pages.map(({ name, entry }) => [name, join(import.meta.dirname, entry)])),
    absWorkingDir: root,
    outdir: join(fresh, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    // What the desktop and mobile clients of Teams run in, at their oldest.
    target: ['chrome120', 'safari17'],
    jsx: 'automatic',
    minify: true,
    legalComments: 'linked',
    define: { 'process.env.NODE_ENV': '"production"' },
    metafile: true,
    logLevel: 'warning',
  });
  const page = readFileSync(join(import.meta.dirname, 'index.html'), 'utf8');
  for (const { file: name, entry } of pages) {
    const made = Object.entries(metafile.outputs).flatMap(([file, { entryPoint, cssBundle }]) =>
      entryPoint === `src/tab/${entry}` ? [file, ...(cssBundle ? [cssBundle] : [])] : [],
    );
    const tags = made.map((file) => {
      const address = `/tab/assets/${basename(file)}`;
      return file.endsWith('.css')
        ? `<link rel="stylesheet" href="${address}">`
        : `<script type="module" src="${address}"></script>`;
    });
    writeFileSync(join(fresh, name), page.replace('<!-- built -->', tags.join('\n    ')));
  }
  rmSync(place, { recursive: true, force: true });
  cpSync(fresh, place, { recursive: true });
  rmSync(fresh, { recursive: true });
}

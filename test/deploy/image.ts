import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, matchesGlob } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** One instruction of the Dockerfile, and the stage it is in. */
export interface Instruction {
  stage: number;
  word: string;
  rest: string;
}

export async function readDockerfile(): Promise<Instruction[]> {
  const text = await readFile(join(root, 'Dockerfile'), 'utf8');
  const lines = text
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim());
  let stage = -1;
  return lines.map((line) => {
    const [, word = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    if (word === 'FROM') stage += 1;
    return { stage, word, rest: rest.replace(/\s+/g, ' ') };
  });
}

/** Whether a file gets to the builder: the last rule that speaks of it decides. */
export async function contextFilter(): Promise<(path: string) => boolean> {
  const text = await readFile(join(root, '.dockerignore'), 'utf8');
  const rules = text.split('\n').filter((line) => line.trim() && !line.startsWith('#'));
  return (path) => {
    let taken = true;
    for (const rule of rules) {
      const pattern = rule.replace(/^!/, '');
      // Here, unlike there, a star matches names that begin with a dot.
      if (pattern === '*' || matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`))
        taken = rule.startsWith('!');
    }
    return taken;
  };
}

/** What `npm ci --omit=dev` installs, by the lock file. */
async function productionPackages(): Promise<string[]> {
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  return Object.entries(packages).flatMap(([path, { dev, devOptional }]) =>
    path && !dev && !devOptional ? [path] : [],
  );
}

/**
 * Does by hand what the Dockerfile's last stage does, in a folder of its own: the files that get past .dockerignore, and the
 * packages that production has, taken from those that are installed here.
 */
export async function makeImage(): Promise<string> {
  const app = await mkdtemp(join(tmpdir(), 'teammate-image-'));
  const taken = await contextFilter();
  const instructions = await readDockerfile();
  const last = instructions.at(-1)?.stage;
  for (const { stage, word, rest } of instructions) {
    if (stage !== last || word !== 'COPY' || rest.startsWith('--from')) continue;
    const [from = '', to = ''] = rest.split(' ');
    await cp(join(root, from), join(app, to === './' ? from : to), {
      recursive: true,
      filter: (path) => {
        const relative = path.slice(root.length + 1);
        // A folder is looked into for what it has.
        return taken(relative) || (relative === 'cards' && from === 'cards');
      },
    });
  }
  // As links, which saves copying 25,000 files; what is within a package comes with it.
  for (const path of await productionPackages()) {
    if (path.lastIndexOf('node_modules') > 0 || !existsSync(join(root, path))) continue;
    await mkdir(dirname(join(app, path)), { recursive: true });
    await symlink(await realpath(join(root, path)), join(app, path));
  }
  return app;
}
export const dropImage = (app: string) => rm(app, { recursive: true, force: true });

/** Somebody who owns nothing of it; root alone can become them. */
export const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Where a link is counts, not where it leads: there the development dependencies are next door. */
const asInstalled = ['--preserve-symlinks', '--preserve-symlinks-main'];

export const run = (app: string, [, ...args]: string[], env: Record<string, string>) =>
  spawn(process.execPath, [...asInstalled, ...args], { cwd: app, env, stdio: ['ignore', 'pipe', 'pipe'], ...nobody });

/** Resolves to a command's exit code. */
export const exitCode = (app: string, [, ...args]: string[], env: Record<string, string>): Promise<number> =>
  new Promise((resolve) => {
    execFile(process.execPath, [...asInstalled, ...args], { cwd: app, env, ...nobody }, (error) =>
      resolve(error ? Number(error.code) : 0),
    );
  });

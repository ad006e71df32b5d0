import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const src = join(import.meta.dirname, '../src');

/**
 * The floors of the house, from the top. What stands on one may import from its own room and from every floor below; of
 * rooms on the same floor each keeps to itself, but where it says so.
 */
const floors = [
  ['main', 'app', 'demo', 'operator'],
  ['notify'],
  ['teams', 'board'],
  ['views', 'provisioning', 'directory'],
  ['requests', 'billing'],
  ['people', 'dialog'],
  ['db', 'config', 'secrets', 'web', 'mail'],
  ['catalog', 'errors', 'sip'],
  ['language', 'telemetry'],
];

/** What stands alone, with what it may import: the simulator plays the part of another company's service. */
const alone: Record<string, string[]> = {
  simulator: ['catalog', 'sip'],
  // Runs in the browser: what it gets from the server is a contract, what it says is from the catalogues.
  tab: ['board', 'dialog', 'language'],
};

/** Imports that go another way, each with its reason. */
const allowed: Record<string, string[]> = {
  // Starts the app.
  main: ['app'],
  // Starts the simulator and the bot as processes of their own, and tells the one how the other is reached.
  demo: ['simulator'],
  // /metrics and /readyz say how the database and its jobs are.
  web: ['db'],
};

/** The libraries that stay in one room. */
const rooms: Record<string, RegExp> = {
  teams: /^(botbuilder|botframework-)/,
  db: /^(pg|pg-boss|@electric-sql\/pglite)$/,
  web: /^(restify|prom-client)$/,
  views: /^adaptivecards/,
  mail: /^nodemailer$/,
  sip: /^jssip$/,
  tab: /^(react|react-dom|@fluentui|@microsoft\/teams-js|eventsource|esbuild)(\/|$)/,
  secrets: /^@azure\/(?!monitor)/,
  telemetry: /^@(opentelemetry\/|azure\/monitor)/,
};
/** The simulator is a web server of its own; who the bot is at Microsoft is asked for Teams and for the key vault. */
const alsoIn: Record<string, string[]> = { mail: ['simulator'], web: ['simulator'], secrets: ['teams'] };

const room = (file: string) => file.split('/')[0]?.replace(/\.tsx?$/, '') as string;

/** Every import of every module: which module, and what from. A dynamic one counts as well. */
const imports = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .flatMap((file) => {
    const text = readFileSync(join(src, file), 'utf8');
    const named = text.matchAll(/(?:^(?:import|export)\b[^'";]*?\bfrom |^import |\bimport\()'([^']+)'/gm);
    return [...named].map(([, target]) => ({ file, target: target as string }));
  });
const own = imports.flatMap(({ file, target }) =>
  target.startsWith('.') ? [{ file, to: relative(src, join(src, dirname(file), target)) }] : [],
);

function mayImport(from: string, to: string): boolean {
  if (from === to || allowed[from]?.includes(to)) return true;
  if (alone[from]) return alone[from].includes(to);
  const floor = (name: string) => floors.findIndex((rooms) => rooms.includes(name));
  return floor(to) > floor(from) && floor(from) >= 0;
}

describe('the floors of the source', () => {
  test('every room has its floor', () => {
    const known = [...floors.flat(), ...Object.keys(alone)];
    expect([...new Set(imports.map(({ file }) => room(file)))].filter((name) => !known.includes(name))).toEqual([]);
  });

  test('nothing imports upwards or sideways', () => {
    expect(own.length).toBeGreaterThan(100);
    const wrong = own.filter(({ file, to }) => !to.startsWith('..') && !mayImport(room(file), room(to)));
    expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([]);
  });

  test('what runs in the browser gets nothing of the server but what they say to each other', () => {
    const others = own.filter(({ file, to }) => room(file) === 'tab' && room(to) !== 'tab').map(({ to }) => to);
    const fine = /^(board\/contract\.ts|dialog\/contract\.ts|language\/(format\.ts|languages\.ts|messages\/.+\.json))$/;
    expect(others.length).toBeGreaterThan(0);
    expect(others.filter((to) => !fine.test(to))).toEqual([]);
  });

  test('nothing outside of src is imported', () => {
    expect(own.filter(({ to }) => to.startsWith('..'))).toEqual([]);
  });

  test.each(Object.entries(rooms))('only %s imports %p', (name, library) => {
    const importers = imports.filter(({ target }) => library.test(target)).map(({ file }) => file);
    expect(importers).not.toEqual([]);
    const others = importers.filter((file) => ![name, ...(alsoIn[name] ?? [])].includes(room(file)));
    expect(others).toEqual([]);
  });
});

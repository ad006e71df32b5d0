import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};
/** What is run where the development dependencies are not. */
const entries = ['main', 'operator/backup', 'operator/restore', 'operator/import'].map((name) => `src/${name}.ts`);

/** Every module that is loaded from a file on, but for those of which only types are used; and every package. */
function loadedFrom(files: string[]): { modules: Set<string>; packages: Map<string, string> } {
  const modules = new Set<string>();
  const packages = new Map<string, string>();
  const visit = (file: string) => {
    if (modules.has(file)) return;
    modules.add(file);
    const text = readFileSync(join(root, file), 'utf8');
    const named = text.matchAll(/(?:^(?:import|export)\b(?! type\b)[^'";]*?\bfrom |^import |\bimport\()'([^']+)'/gm);
    for (const [statement, target = ''] of named) {
      // All of what is in the braces may be types.
      const inner = /\{([^}]*)\}/.exec(statement)?.[1];
      const only =
        /^import \{/.test(statement) && inner?.split(',').every((one) => !one.trim() || /^\s*type\b/.test(one));
      if (only || isBuiltin(target)) continue;
      if (target.startsWith('.')) visit(join(dirname(file), target));
      else
        packages.set(
          target
            .split('/')
            .slice(0, target.startsWith('@') ? 2 : 1)
            .join('/'),
          file,
        );
    }
  };
  files.forEach(visit);
  return { modules, packages };
}

describe('what runs in production', () => {
  const { modules, packages } = loadedFrom(entries);

  test('imports production dependencies alone', () => {
    expect(packages.size).toBeGreaterThan(15);
    const missing = [...packages].filter(([name]) => !(name in dependencies));
    expect(missing.map(([name, file]) => `${file} imports ${name}`)).toEqual([]);
  });

  test('has no part of the demo or the simulator, which the image leaves out', () => {
    expect(modules.size).toBeGreaterThan(100);
    expect([...modules].filter((file) => /^src\/(demo|simulator)\b/.test(file))).toEqual([]);
  });
});

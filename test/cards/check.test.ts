import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { checkTemplate, checkTranslation, told } from '../../cards/check.ts';
import { cardProblems, largestCard, templateProblems } from '../../cards/rules.ts';
import { samples } from '../../cards/samples.ts';
import { language } from '../../src/language/reader.ts';
import { states } from '../../src/requests/lifecycle.ts';
import { type Card, templateNames } from '../../src/views/templates.ts';

/** A card that passes, with one of everything that has rules. */
const good = () => ({
  $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
  type: 'AdaptiveCard',
  version: '1.5',
  body: [
    { type: 'TextBlock', text: 'Add Reseller', size: 'Large', wrap: true },
    {
      type: 'Input.Text',
      id: 'name',
      label: 'Name',
      maxLength: 100,
      isRequired: true,
      errorMessage: 'Name is needed.',
    },
    { type: 'Input.ChoiceSet', id: 'services', label: 'Services', choices: [{ title: 'PBX', value: 'PBX' }] },
    { type: 'FactSet', facts: [{ title: 'Name', value: 'Contoso' }] },
    { type: 'Image', url: 'https://bot.contoso.example/logo.png', altText: 'Contoso' },
    {
      type: 'ActionSet',
      actions: [
        {
          type: 'Action.Execute',
          title: 'Submit',
          verb: 'submit',
          associatedInputs: 'auto',
          data: { verb: 'submit', nonce: 'n' },
          fallback: {
            type: 'Action.Submit',
            title: 'Submit',
            associatedInputs: 'auto',
            data: { verb: 'submit', nonce: 'n' },
          },
        },
      ],
    },
  ],
});

/** What the rules say of the card when it has these values at these paths (undefined: nothing), one line a problem. */
function broken(values: Record<string, unknown>): string[] {
  const card = good();
  for (const [path, value] of Object.entries(values)) {
    const steps = path.split(/[.[\]]+/).filter(Boolean);
    const last = steps.pop() as string;
    const part = steps.reduce<Record<string, unknown>>((within, step) => within[step] as typeof within, card);
    if (value === undefined) delete part[last];
    else part[last] = value;
  }
  return cardProblems(card).map(({ path, says }) => `${path} ${says}`);
}

const text = 'body[0]';
const input = 'body[1]';
const choices = 'body[2]';
const image = 'body[4]';
const button = 'body[5].actions[0]';

describe('a card', () => {
  test('in order has no problem', () => {
    expect(broken({})).toEqual([]);
  });

  test.each([
    ['something else', null],
    ['a list', []],
    ['another type', { type: 'HeroCard' }],
  ])('that is %s is told to be none', (_, card) => {
    expect(cardProblems(card)).toEqual([{ path: 'card', says: expect.stringContaining('no AdaptiveCard') }]);
  });

  test.each([
    [
      'a layout of its own kind',
      { type: 'Layout.AreaGrid', targetWidth: 'wide', itemWidth: '300px' },
      'type is not Layout.Flow',
    ],
    [
      'no width that a card has',
      { type: 'Layout.Flow', targetWidth: 'broad', itemWidth: '300px' },
      'targetWidth is no width',
    ],
    [
      'items of no width',
      { type: 'Layout.Flow', targetWidth: 'wide', itemWidth: '50%' },
      'itemWidth is no number of pixels',
    ],
  ])('may lay a container out for a width, but not with %s', (_, layout, says) => {
    const container = (layouts: object[]) => ({
      ...good(),
      body: [{ type: 'Container', layouts, items: [{ type: 'TextBlock', text: 'Hello' }] }],
    });
    const right = { type: 'Layout.Flow', targetWidth: 'atLeast:Standard', itemWidth: '300px' };
    expect(cardProblems(container([right]))).toEqual([]);
    const problems = cardProblems(container([layout])).map(({ path, says }) => `${path} ${says}`);
    expect(problems).toEqual([expect.stringContaining(`card.body[0].layouts[0].${says}`)]);
    expect(cardProblems(container([]))).toHaveLength(1);
  });

  test('may ask Teams for the width of its window, and for nothing else', () => {
    expect(broken({ msteams: { width: 'Full' } })).toEqual([]);
    expect(broken({ msteams: { entities: [] } })).toEqual([expect.stringContaining('card.msteams')]);
  });

  test('has no more than six buttons in a row, for Teams hides the others', () => {
    const { body } = good();
    const button = body[5]?.actions?.[0] as object;
    const card = (count: number) => ({ ...good(), body: [{ type: 'ActionSet', actions: Array(count).fill(button) }] });
    expect(cardProblems(card(6))).toEqual([]);
    expect(cardProblems(card(7)).map(({ says }) => says)).toEqual([expect.stringContaining('(6)')]);
  });

  test('must stay under 25 KB, counted in bytes and not in characters', () => {
    const missing = largestCard - Buffer.byteLength(JSON.stringify(good())) + 'Add Reseller'.length;
    const filler = (bytes: number) => 'é'.repeat(Math.floor(bytes / 2)) + 'x'.repeat(bytes % 2);
    expect(broken({ [`${text}.text`]: filler(missing - 1) })).toEqual([]);
    expect(broken({ [`${text}.text`]: filler(missing) })).toEqual([
      `card has ${largestCard} bytes; it must stay under ${largestCard}.`,
    ]);
  });

  test.each(['1.6', undefined])('must be of version 1.5 and not %s', (version) => {
    expect(broken({ version })).toContain(`card.version is ${version}, not 1.5.`);
  });

  test.each([`${text}.text`, `${button}.title`, `${button}.data.nonce`])(
    'must not have a placeholder that nothing fills in %s',
    (path) => {
      expect(broken({ [path]: 'Hello ${name}' })).toContain(
        `card.${path} “Hello \${name}” has a placeholder that nothing fills.`,
      );
    },
  );

  test('must give no two parts the same id', () => {
    expect(broken({ [`${choices}.id`]: 'name' })).toContain(`card.${choices}.id name stands twice on the card.`);
  });

  test('must have a text for each image, for who cannot see it', () => {
    expect(broken({ [`${image}.altText`]: undefined })).toEqual([`card.${image}.altText is missing.`]);
  });
});

describe('the definitions of Adaptive Cards 1.5 refuse', () => {
  test.each([
    ['a type nobody knows', { [`${text}.type`]: 'Badge' }, `card.${text} Badge is no part`],
    ['a type that came later', { [`${image}.type`]: 'Carousel' }, `card.${image} Carousel came after 1.5`],
    ['a property nobody knows', { [`${text}.colour`]: 'Good' }, `card.${text}.colour TextBlock has no such`],
    ['a property that came later', { [`${button}.role`]: 'Tab' }, `card.${button}.role came after 1.5`],
    ['a value that is none', { [`${text}.size`]: 'Huge' }, `card.${text}.size Invalid value "Huge"`],
    ['a text without its text', { [`${text}.text`]: undefined }, `card.${text}.text is missing`],
    ['an input without an id', { [`${input}.id`]: undefined }, `card.${input}.id is missing`],
    ['a property within a list', { 'body[3].facts[0].hint': '' }, 'card.body[3].facts[0].hint facts has no'],
  ])('%s, and say where', (_, values, says) => {
    expect(broken(values)).toContainEqual(expect.stringContaining(says));
  });
});

describe('a button', () => {
  test.each<[string, string, unknown]>([
    ['needs a verb', 'verb', undefined],
    ['needs a title', 'title', ''],
    ['needs a fallback', 'fallback', undefined],
    ['must not just be dropped by old clients', 'fallback', 'drop'],
    [
      'must fall back to a Submit and nothing else',
      'fallback',
      { type: 'Action.OpenUrl', title: 'Submit', url: 'x:y' },
    ],
    ['must fall back with the same data', 'fallback.data', { verb: 'submit' }],
    ['must fall back under the same title', 'fallback.title', 'Go'],
    ['must fall back with the same inputs', 'fallback.associatedInputs', 'none'],
    ['must have its verb in its data, because a Submit has none', 'data.verb', 'cancel'],
  ])('%s', (_, property, value) => {
    const where = `card.${button}.${property} `;
    expect(broken({ [`${button}.${property}`]: value })).toContainEqual(expect.stringContaining(where));
  });

  test('must stand in an ActionSet, where old clients find its fallback', () => {
    const [action] = good().body[5]?.actions ?? [];
    expect(broken({ actions: [action] })).toEqual([
      expect.stringContaining('card.actions[0] stands outside an ActionSet'),
    ]);
  });
});

describe('an input', () => {
  test('needs a label of its own', () => {
    expect(broken({ [`${choices}.label`]: undefined })).toContainEqual(
      expect.stringContaining(`card.${choices}.label`),
    );
  });

  test('needs an errorMessage when it is required, and only then', () => {
    const silent = { [`${input}.errorMessage`]: undefined };
    expect(broken(silent)).toContainEqual(expect.stringContaining(`card.${input}.errorMessage`));
    expect(broken({ ...silent, [`${input}.isRequired`]: undefined })).toEqual([]);
  });

  test.each([undefined, 0])('for text needs a limit, and %s is none', (maxLength) => {
    expect(broken({ [`${input}.maxLength`]: maxLength })).toContainEqual(
      expect.stringContaining(`card.${input}.maxLength`),
    );
  });
});

describe('a template', () => {
  const problems = (part: object, ownedByCatalog = false) =>
    templateProblems({ type: 'AdaptiveCard', body: [part] }, { ownedByCatalog });

  test.each(['text', 'title', 'label', 'placeholder', 'errorMessage', 'value', 'altText', 'tooltip'])(
    'must not have words of its own in %s',
    (property) => {
      const found = problems({ type: 'TextBlock', [property]: 'Reseller ${name}' });
      expect(found).toEqual([{ path: `card.body[0].${property}`, says: expect.stringContaining('use a placeholder') }]);
    },
  );

  test('may put signs between placeholders, and name ids and styles', () => {
    const part = { type: 'TextBlock', text: '${state.icon} · ${state.label}', style: 'heading', id: 'state' };
    expect(problems(part)).toEqual([]);
  });

  test('of a form must not repeat a limit of the catalog, neither as a number nor as a text', () => {
    const limited = { type: 'Input.Text', maxLength: 100, regex: '^a+$' };
    expect(problems(limited, true).map(({ path }) => path)).toEqual(['card.body[0].maxLength', 'card.body[0].regex']);
    expect(problems({ type: 'Input.Text', maxLength: '${maxLength}' }, true)).toEqual([]);
  });
});

describe('the check', () => {
  test('says a line for a template in order, and names the look that is not', () => {
    const card = good() as unknown as ReturnType<ReturnType<typeof samples>[number]['make']>;
    const look = { template: 'message', look: 'as it is', make: () => card };
    expect(told(checkTemplate('message', {}, [look]))).toEqual([
      expect.stringMatching(/^cards\/message\.json: 1 cards, the largest \d+\.\d of 25\.0 KB, in order$/),
    ]);
    const old = { ...look, look: 'of old', make: () => ({ ...card, version: '1.0' }) };
    expect(told(checkTemplate('message', {}, [look, old]))).toEqual([
      'cards/message.json, of old: card.version is 1.0, not 1.5.',
    ]);
  });

  test('does not pass a template that no sample shows, or that does not expand', () => {
    expect(told(checkTemplate('pbx', {}, []))).toEqual([expect.stringContaining('no sample shows it')]);
    const make = () => {
      throw new Error('cards/pbx.json: ${name}');
    };
    expect(told(checkTemplate('pbx', {}, [{ template: 'pbx', look: 'empty', make }]))).toEqual([
      'cards/pbx.json, empty: cards/pbx.json: ${name}',
    ]);
  });

  test('that a translation makes too heavy is told, and in which language', () => {
    const make = () => ({ type: 'AdaptiveCard', version: '1.5', body: [{ text: language().repeat(13_000) }] }) as Card;
    const sample = { template: 'list', look: 'long', make };
    expect(checkTranslation('de', [sample])).toEqual([expect.stringContaining('cards/list.json in de, long: has 26')]);
    const small = () => ({ ...make(), body: language() === 'ja' ? [] : make().body });
    expect(checkTranslation('ja', [{ ...sample, make: small }])).toEqual([]);
  });

  test('shows every template, and a request in each state to each reader', () => {
    const all = samples();
    expect(templateNames.filter((name) => !all.some(({ template }) => template === name))).toEqual([]);
    for (const state of states)
      for (const audience of ['requester', 'approver', 'reader'])
        expect(all).toContainEqual(
          expect.objectContaining({ look: expect.stringContaining(`${state} for ${audience}`) }),
        );
  });

  test('run by itself passes the cards of this project, one line each', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(import.meta.dirname, '../../cards/check.ts')],
      {
        encoding: 'utf8',
      },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.trim().split('\n')).toHaveLength(templateNames.length);
  });
});

describe('a card that is made anew for some of its readers', () => {
  const action = { type: 'Action.Execute', verb: 'view', data: { verb: 'view', id: '1' } };
  const people = (count: number) => Array.from({ length: count }, (_, at) => `29:${at}`);
  const problems = (refresh: unknown) => broken({ refresh });

  test('names who they are, and what their client sends', () => {
    expect(problems({ action, userIds: people(60) })).toEqual([]);
  });

  test.each<[what: string, refresh: unknown, says: string]>([
    ['more than sixty of them', { action, userIds: people(61) }, 'userIds names 61 people'],
    ['nobody', { action, userIds: [] }, 'userIds names 0 people'],
    ['somebody twice', { action, userIds: ['29:1', '29:1'] }, 'names somebody twice'],
    ['a directory id', { action, userIds: ['11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa'] }, 'begin with 29:'],
    ['no action', { userIds: people(1) }, 'must be an Action.Execute'],
    ['an action of another kind', { action: { ...action, type: 'Action.Submit' }, userIds: people(1) }, 'must be an'],
    ['a verb that its data does not tell', { action: { ...action, verb: 'x' }, userIds: people(1) }, 'data.verb'],
    ['nonsense', 'x', 'must be an Action.Execute'],
  ])('is wrong with %s', (_, refresh, says) => {
    expect(problems(refresh).join('\n')).toContain(says);
  });
});

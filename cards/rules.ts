import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { targetWidths } from './widths.ts';

/** Something wrong with a card: where, and what. */
export interface Problem {
  path: string;
  says: string;
}

type Json = Record<string, unknown>;

/** Teams takes about 100 KB for a message as UTF-16, beside everything else in it. Bytes of JSON as UTF-8. */
export const largestCard = 25 * 1024;
/** In a row: Teams hides the others behind an ellipsis. */
const mostButtons = 6;
/** The newest version that Teams renders on phones as well. */
const version = '1.5';

// Its ES modules import each other without an extension, which Node refuses; this bundle runs as it is.
const official = createRequire(import.meta.url)(
  'adaptivecards/dist/adaptivecards.js',
) as typeof import('adaptivecards');
const newest = official.Versions.v1_5;

/** Everything that is wrong with a card as it would be sent; nothing when it may be. */
export function cardProblems(card: unknown): Problem[] {
  if (!isObject(card) || card.type !== 'AdaptiveCard')
    return [{ path: 'card', says: 'is no AdaptiveCard: its type says otherwise.' }];
  return [...searches(card), ...layouts(card), ...forTeams(card), ...refresh(card), ...problemsOf(withoutNewer(card))];
}

function problemsOf(card: Json): Problem[] {
  return [head, definitions, rendererOpinion, leftOvers, required, buttons, ids, inputs, images].flatMap((rule) =>
    rule(card),
  );
}

/**
 * What is wrong with a template: words that stand in it, and, when the catalog owns its form, limits. Both belong to the
 * code that fills it in, or a change there would be contradicted by the card.
 */
export function templateProblems(template: unknown, { ownedByCatalog }: { ownedByCatalog: boolean }): Problem[] {
  if (!isObject(template)) return [{ path: 'card', says: 'is no JSON object.' }];
  return [...parts(template)].flatMap(({ path, node }) =>
    Object.entries(node).flatMap(([property, value]): Problem[] => {
      const at = `${path}.${property}`;
      const words = typeof value === 'string' && /[\p{L}\p{N}]/u.test(value.replace(placeholder, ''));
      if (texts.has(property) && words) return [{ path: at, says: `“${value}” is written out: use a placeholder.` }];
      const filled = typeof value === 'string' && value.replace(placeholder, '') === '';
      if (ownedByCatalog && limits.has(property) && !filled)
        return [{ path: at, says: 'is a limit of the catalog: use a placeholder.' }];
      return [];
    }),
  );
}

const placeholder = /\$\{[^}]*\}/g;
/** What a person reads, wherever it stands. */
const texts = new Set([
  'text',
  'title',
  'label',
  'placeholder',
  'errorMessage',
  'value',
  'altText',
  'tooltip',
  'speak',
]);
const limits = new Set(['maxLength', 'min', 'max', 'regex']);

function head(card: Json): Problem[] {
  const bytes = Buffer.byteLength(JSON.stringify(card));
  return [
    ...(card.version === version ? [] : [{ path: 'card.version', says: `is ${card.version}, not ${version}.` }]),
    ...(bytes < largestCard ? [] : [{ path: 'card', says: `has ${bytes} bytes; it must stay under ${largestCard}.` }]),
  ];
}

/** Types, properties and their values, by the definitions in Microsoft's own renderer: no package ships the JSON schema. */
function definitions(card: Json): Problem[] {
  return [...parts(card)].flatMap(({ path, node, as }) => {
    const found = definitionOf(node, as);
    if (!found) return [{ path, says: `${node.type ?? 'this'} is no part of Adaptive Cards.` }];
    const { name, part } = found;
    if (found.since.compareTo(newest) > 0) return [{ path, says: `${name} came after ${version}.` }];
    const schema = part.getSchema();
    const known = new Map(
      Array.from({ length: schema.getCount() }, (_, at) => schema.getItemAt(at)).map((one) => [one.name, one]),
    );
    return Object.keys(node).flatMap((property): Problem[] => {
      const at = `${path}.${property}`;
      if (property === 'fallback' || holds[name]?.includes(property)) return [];
      const definition = known.get(property);
      if (!definition) return [{ path: at, says: `${name} has no such property.` }];
      if (definition.targetVersion.compareTo(newest) > 0) return [{ path: at, says: `came after ${version}.` }];
      const context = new official.SerializationContext(newest);
      definition.parse(part, node, context);
      return eventsOf(context).map(({ message }) => ({ path: at, says: message }));
    });
  });
}

/** Properties that the renderer reads by itself, so that they stand in none of its definitions. */
const holds: Record<string, string[]> = {
  AdaptiveCard: ['$schema', 'body', 'actions'],
  Container: ['items'],
  Column: ['items'],
  ColumnSet: ['columns'],
  ActionSet: ['actions'],
  RichTextBlock: ['inlines'],
};

type Known = { name: string; part: InstanceType<typeof official.SerializableObject>; since: typeof newest };

function definitionOf(node: Json, as: string): Known | undefined {
  const name = typeof node.type === 'string' ? node.type : as;
  const plain = {
    AdaptiveCard: official.AdaptiveCard,
    Column: official.Column,
    facts: official.Fact,
    choices: official.Choice,
  };
  if (Object.hasOwn(plain, name))
    return { name, part: new plain[name as keyof typeof plain](), since: official.Versions.v1_0 };
  const { elements, actions } = official.GlobalRegistry;
  const found = elements.findByName(name) ?? actions.findByName(name);
  return found && { name, part: new found.objectType(), since: found.schemaVersion };
}

/** What only the whole card can tell, such as a required input without a label; the renderer gives no path. */
function rendererOpinion(card: Json): Problem[] {
  const parsed = new official.AdaptiveCard();
  parsed.hostConfig = new official.HostConfig({ actions: { maxActions: mostButtons } });
  parsed.parse(card, new official.SerializationContext(newest));
  return parsed.validateProperties().validationEvents.map(({ source, message }) => {
    const { type, id } = (source?.toJSON(new official.SerializationContext(newest)) ?? {}) as Json;
    const path = [...parts(card)].find(({ node }) => id !== undefined && node.id === id && node.type === type)?.path;
    return { path: path ?? `card, ${type ?? 'somewhere'}`, says: message };
  });
}

const eventsOf = (context: { eventCount: number; getEventAt(index: number): { message: string } }) =>
  Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index));

function leftOvers(card: Json): Problem[] {
  return strings(card)
    .filter(({ value }) => value.includes('${'))
    .map(({ path, value }) => ({ path, says: `“${value}” has a placeholder that nothing fills.` }));
}

/** What the schema of 1.5 requires of the parts we use. */
const needed: Record<string, string[]> = {
  TextBlock: ['text'],
  Image: ['url'],
  Container: ['items'],
  ActionSet: ['actions'],
  FactSet: ['facts'],
  'Action.OpenUrl': ['url'],
};

function required(card: Json): Problem[] {
  return [...parts(card)].flatMap(({ path, node }) => {
    const names = isInput(node) ? ['id'] : (needed[String(node.type)] ?? []);
    return names
      .filter((name) => isEmpty(node[name]))
      .map((name) => ({ path: `${path}.${name}`, says: `is missing: ${node.type} needs it.` }));
  });
}

/** A client that does not know Action.Execute shows its fallback: the same button, told the same things. */
function buttons(card: Json): Problem[] {
  return [...parts(card)].flatMap(({ path, node, within }) => {
    if (isEmpty(node.title) && /^Action\./.test(String(node.type)))
      return [{ path: `${path}.title`, says: 'is missing.' }];
    if (node.type !== 'Action.Execute') return [];
    const { verb, data, title, associatedInputs, fallback } = node;
    const problems: Problem[] = [];
    const need = (met: boolean, at: string, says: string) => met || problems.push({ path: `${path}${at}`, says });
    need(within === 'ActionSet', '', 'stands outside an ActionSet, where old clients do not look for its fallback.');
    need(!isEmpty(verb), '.verb', 'is missing.');
    if (!isObject(fallback) || fallback.type !== 'Action.Submit') {
      need(false, '.fallback', 'must be a whole Action.Submit.');
      return problems;
    }
    need(isDeepStrictEqual(fallback.data, data), '.fallback.data', 'is not the same as the data of the button.');
    need(fallback.title === title, '.fallback.title', 'is not the same as the title of the button.');
    const same = fallback.associatedInputs === associatedInputs;
    need(same, '.fallback.associatedInputs', 'is not the same as that of the button.');
    // A Submit has no verb of its own.
    need(
      isObject(data) && data.verb === verb,
      '.data.verb',
      'is not the verb of the button, which a Submit cannot carry.',
    );
    return problems;
  });
}

function ids(card: Json): Problem[] {
  const seen = new Set<unknown>();
  return [...parts(card)].flatMap(({ path, node }) => {
    if (node.id === undefined) return [];
    const twice = seen.has(node.id);
    seen.add(node.id);
    return twice ? [{ path: `${path}.id`, says: `${node.id} stands twice on the card.` }] : [];
  });
}

function inputs(card: Json): Problem[] {
  return [...parts(card)].flatMap(({ path, node }) => {
    if (!isInput(node)) return [];
    const problems: Problem[] = [];
    const need = (met: boolean, at: string, says: string) => met || problems.push({ path: `${path}.${at}`, says });
    need(!isEmpty(node.label), 'label', 'is missing: a TextBlock beside an input is not read out with it.');
    need(
      node.isRequired !== true || !isEmpty(node.errorMessage),
      'errorMessage',
      'is missing, and the input is required.',
    );
    const limited = node.type !== 'Input.Text' || (typeof node.maxLength === 'number' && node.maxLength > 0);
    need(limited, 'maxLength', 'is missing: the server will not take a text of any length.');
    return problems;
  });
}

function images(card: Json): Problem[] {
  return [...parts(card)]
    .filter(({ node }) => node.type === 'Image' && isEmpty(node.altText))
    .map(({ path }) => ({ path: `${path}.altText`, says: 'is missing.' }));
}

interface Part {
  path: string;
  node: Json;
  /** The type of what it stands in, and the property of that. */
  within: string;
  as: string;
}

/** A card and everything in it that is an object, in reading order; not the data of buttons, which nobody renders. */
function* parts(node: Json, path = 'card', within = '', as = ''): Generator<Part> {
  yield { path, node, within, as };
  for (const [property, value] of Object.entries(node)) {
    if (property === 'data') continue;
    const type = typeof node.type === 'string' ? node.type : '';
    if (isObject(value)) yield* parts(value, `${path}.${property}`, type, property);
    if (!Array.isArray(value)) continue;
    for (const [index, one] of value.entries())
      if (isObject(one)) yield* parts(one, `${path}.${property}[${index}]`, type, property);
  }
}

/**
 * The search as one types (Teams: "Typeahead search in Adaptive Cards") came with 1.6 and is harmless where it is not
 * understood, as long as there are choices all the same. The rest of a card is checked without it.
 */
const searchOf = (node: Json) => node['choices.data'];

const searches = (card: Json): Problem[] =>
  [...parts(card)]
    .filter(({ node }) => searchOf(node) !== undefined)
    .flatMap(({ path, node }) => {
      const search = searchOf(node);
      const right = isObject(search) && search.type === 'Data.Query' && !isEmpty(search.dataset);
      const choices = Array.isArray(node.choices) && node.choices.length > 0;
      return [
        ...(right ? [] : [{ path: `${path}.choices.data`, says: 'is no Data.Query with a dataset.' }]),
        ...(choices ? [] : [{ path: `${path}.choices`, says: 'must be there for clients that cannot search.' }]),
      ];
    });

/**
 * How a card is made anew for some of its readers ("Universal Actions for Adaptive Cards": at most 60 people, by the ids that
 * begin with 29:). Nobody clicks it, so it stands in no ActionSet and needs no title and no fallback. It comes on top of a
 * card's size: of a message's 100 KB as UTF-16, a card and sixty of Teams' ids of 140 letters are two thirds.
 */
function refresh({ refresh: given }: Json): Problem[] {
  if (given === undefined) return [];
  const { action, userIds } = isObject(given) ? given : {};
  const problems: Problem[] = [];
  const need = (met: boolean, at: string, says: string) => met || problems.push({ path: `card.refresh.${at}`, says });
  const executes = isObject(action) && action.type === 'Action.Execute' && !isEmpty(action.verb);
  need(executes, 'action', 'must be an Action.Execute with a verb.');
  const told = isObject(action) && isObject(action.data) && action.data.verb === action.verb;
  need(told, 'action.data.verb', 'is not the verb of the action.');
  const people = Array.isArray(userIds) ? (userIds as unknown[]) : [];
  need(people.length > 0 && people.length <= 60, 'userIds', `names ${people.length} people: 1 to 60 may be.`);
  need(new Set(people).size === people.length, 'userIds', 'names somebody twice.');
  const ids = people.every((id) => typeof id === 'string' && id.startsWith('29:'));
  need(ids, 'userIds', 'takes no other ids than those that begin with 29:.');
  return problems;
}

/**
 * The layouts of a container (Teams: "Container layouts") are newer than 1.5 as well. Who does not know them stacks the items,
 * which is right on a phone; so there is a layout for what is wide enough, and none besides.
 */
const layouts = (card: Json): Problem[] =>
  [...parts(card)]
    .filter(({ node }) => node.layouts !== undefined)
    .flatMap(({ path, node }) => {
      const problems: Problem[] = [];
      const need = (met: boolean, at: string, says: string) => met || problems.push({ path: `${path}.${at}`, says });
      need(node.type === 'Container', 'layouts', `is no property of ${node.type}.`);
      const all = Array.isArray(node.layouts) ? node.layouts.filter(isObject) : [];
      need(all.length > 0, 'layouts', 'is no list of layouts.');
      for (const [index, { type, targetWidth, itemWidth }] of all.entries()) {
        const at = `layouts[${index}]`;
        need(type === 'Layout.Flow', `${at}.type`, 'is not Layout.Flow, the one that our cards use.');
        need(isTargetWidth(targetWidth), `${at}.targetWidth`, 'is no width of a card.');
        need(/^\d+px$/.test(String(itemWidth)), `${at}.itemWidth`, 'is no number of pixels.');
      }
      return problems;
    });

const isTargetWidth = (value: unknown) => typeof value === 'string' && targetWidths.includes(value.toLowerCase());

/** Teams makes a card as wide as its window allows when told so ("Full-width Adaptive Card"); that is all that we tell it. */
const forTeams = ({ msteams }: Json): Problem[] =>
  msteams === undefined || isDeepStrictEqual(msteams, { width: 'Full' })
    ? []
    : [{ path: 'card.msteams', says: 'says something else than that the card is wide.' }];

const newer = new Set(['choices.data', 'layouts', 'msteams']);
const withoutNewer = ({ refresh: _, ...card }: Json): Json =>
  JSON.parse(JSON.stringify(card, (key, value: unknown) => (newer.has(key) ? undefined : value))) as Json;

/** Every text in it, the data of buttons included. */
function strings(value: unknown, path = 'card'): { path: string; value: string }[] {
  if (typeof value === 'string') return [{ path, value }];
  if (Array.isArray(value)) return value.flatMap((one, index) => strings(one, `${path}[${index}]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([property, one]) => strings(one, `${path}.${property}`));
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isInput = (node: Json) => String(node.type).startsWith('Input.');
const isEmpty = (value: unknown) => value === undefined || value === null || value === '';

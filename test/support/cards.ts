/** Every button of a card, wherever it stands. */
export function actionsOf(
  part: unknown,
): { title: string; style?: string; verb: string; data: Record<string, unknown> }[] {
  if (Array.isArray(part)) return part.flatMap(actionsOf);
  if (part === null || typeof part !== 'object') return [];
  const one = part as Record<string, unknown>;
  if (one.type === 'Action.Execute') return [one as ReturnType<typeof actionsOf>[number]];
  // What a client does by itself is no button.
  return Object.entries(one).flatMap(([property, value]) => (property === 'refresh' ? [] : actionsOf(value)));
}

/** Every input of a card with the value it stands at. */
export function inputsOf(part: unknown): Record<string, string> {
  if (Array.isArray(part)) return Object.assign({}, ...part.map(inputsOf));
  if (part === null || typeof part !== 'object') return {};
  const one = part as Record<string, unknown>;
  if (typeof one.type === 'string' && one.type.startsWith('Input.'))
    return { [String(one.id)]: String(one.value ?? '') };
  return Object.assign({}, ...Object.values(one).map(inputsOf));
}

/** An input of a card, as its client gets it. */
export function inputOf(part: unknown, id: string): Record<string, unknown> | undefined {
  if (part === null || typeof part !== 'object') return undefined;
  const one = part as Record<string, unknown>;
  if (one.id === id) return one;
  for (const value of Object.values(one)) {
    const found = inputOf(value, id);
    if (found) return found;
  }
  return undefined;
}

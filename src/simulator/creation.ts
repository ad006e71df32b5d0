import { Refusal } from './http.ts';
import { countCreation, type State } from './state.ts';
import type { Store } from './store.ts';

/**
 * Makes something and counts that it was asked for, which is kept also when the creation itself is refused: `create` throws
 * before it changes anything. @throws Refusal as `create` does
 */
export async function counted<One>(
  store: Store,
  counts: { natural: string; key: string | undefined },
  create: (draft: State) => One,
): Promise<One> {
  const made = await store.change((draft) => {
    try {
      const one = create(draft);
      countCreation(draft, counts, true);
      return one;
    } catch (error) {
      countCreation(draft, counts, false);
      if (error instanceof Refusal) return error;
      throw error;
    }
  });
  if (made instanceof Refusal) throw made;
  return made;
}

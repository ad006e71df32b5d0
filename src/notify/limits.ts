/** Teams' limits for one bot posting to one conversation ("Optimize your bot with rate limiting", per bot per thread). */
const limits = [
  { posts: 7, ms: 1_000 },
  { posts: 8, ms: 2_000 },
  { posts: 60, ms: 30_000 },
  { posts: 1800, ms: 3_600_000 },
];
const longest = 3_600_000;

/** Leave to post one more, to be given back when Teams has answered; or how many milliseconds to wait first. */
export type Leave = { done(): void } | { wait: number };

/**
 * Counts posts against Teams' limits. Teams looks back from every moment, so windows that begin afresh (what packages for
 * this count by) would let twice as many through around each beginning. A post counts from its answer on: how long it was
 * under way nobody knows, and the next one must not come too early. It counts in this process only; what several nodes
 * send together Teams answers with 429, which the delivery obeys.
 */
export function createLimits(now: () => number = () => performance.now()): (conversationId: string) => Leave {
  // When each post of the last hour was answered; those under way count as answered now.
  const posts = new Map<string, { at: number }[]>();
  let swept = now();

  return (conversationId) => {
    const time = now();
    const until = ({ at }: { at: number }) => Math.min(at, time);
    if (time - swept > longest) {
      for (const [id, all] of posts) if (all.every((post) => until(post) <= time - longest)) posts.delete(id);
      swept = time;
    }
    const recent = (posts.get(conversationId) ?? []).filter((post) => until(post) > time - longest);
    posts.set(conversationId, recent);
    const times = recent.map(until).sort((a, b) => a - b);
    const waits = limits.map((limit) => (times.at(-limit.posts) ?? Number.NEGATIVE_INFINITY) + limit.ms - time);
    const wait = Math.ceil(Math.max(...waits));
    if (wait > 0) return { wait };
    const post = { at: Number.POSITIVE_INFINITY };
    recent.push(post);
    return {
      done() {
        post.at = now();
      },
    };
  };
}

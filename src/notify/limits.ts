import { RateLimiterMemory, RateLimiterRes, RateLimiterUnion } from 'rate-limiter-flexible';

/** Teams' limits for one bot posting to one conversation ("Optimize your bot with rate limiting", per bot per thread). */
const limits = [
  { points: 7, duration: 1 },
  { points: 8, duration: 2 },
  { points: 60, duration: 30 },
  { points: 1800, duration: 3600 },
];

/**
 * Counts posts against Teams' limits. Resolves to 0 when one more may go to the conversation now, else to how many
 * milliseconds to wait. It counts in this process only; what several nodes send together Teams answers with 429, which
 * the delivery obeys.
 */
export function createLimits(): (conversationId: string) => Promise<number> {
  const union = new RateLimiterUnion(
    ...limits.map((limit) => new RateLimiterMemory({ ...limit, keyPrefix: `${limit.points}/${limit.duration}` })),
  );
  return async (conversationId) => {
    try {
      await union.consume(conversationId);
      return 0;
    } catch (refused) {
      const waits = Object.values(refused as Record<string, unknown>).filter((one) => one instanceof RateLimiterRes);
      return Math.max(1, ...waits.filter((one) => one.remainingPoints <= 0).map((one) => one.msBeforeNext));
    }
  };
}

import type { Card } from '../views/templates.ts';

/** The answers to a click on an `Action.Execute` ("Universal Actions for Adaptive Cards", response format). */
export const cardResponse = (card: Card) => ({
  statusCode: 200,
  type: 'application/vnd.microsoft.card.adaptive',
  value: card,
});
export const messageResponse = (text: string) => ({
  statusCode: 200,
  type: 'application/vnd.microsoft.activity.message',
  value: text,
});

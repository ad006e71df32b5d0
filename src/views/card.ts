import type { Request } from '../requests/request.ts';
import { type Audience, requestCard } from './request.ts';
import { type Tried, taskCard } from './task.ts';
import type { Card } from './templates.ts';

/** A request's card for whom it is. */
export const cardFor = (request: Request, audience: Audience, tried: Tried = {}): Card =>
  audience === 'operator' ? taskCard(request, tried) : requestCard(request, audience, tried);

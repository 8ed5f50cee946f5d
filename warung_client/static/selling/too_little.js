// The three keys for a balance that does not reach, fetched while the family looks at the basket.

import { soon } from '../soon.js';

export const Short = soon(() => import('./short.js').then((found) => found.Short));

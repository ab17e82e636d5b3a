/** What an OpenStreetMap extract is taken for. Pure. */
import type { GroundOffer, Options } from './types';

export const USES = ['streets', 'both', 'ground'] as const;
export type Use = (typeof USES)[number];

export function useOf({ rows, background }: Pick<Options, 'rows' | 'background'>): Use {
  return !rows ? 'ground' : background ? 'both' : 'streets';
}

export function asOptions(use: Use): Pick<Options, 'rows' | 'background'> {
  return { rows: use !== 'ground', background: use !== 'streets' };
}

/** Nothing but the background is taken, so there are no rows to settle. */
export function groundOnly(offer: GroundOffer | null, options: Options): boolean {
  return offer !== null && !options.rows;
}

/** Choices for place texts without coordinates, pure. */
import type { Options, PlaceChoice, PlaceItem, PlaceOffer } from './types';

export const sameChoice = (a: PlaceChoice | null, b: PlaceChoice | null): boolean =>
  a === b || (a !== null && b !== null && a !== 'unplaced' && b !== 'unplaced' && a.layer === b.layer && a.id === b.id);

/** What holds for a text: the newest choice of the reader, else what the server has. */
export function choiceOf(options: Options, item: PlaceItem): PlaceChoice | null {
  return options.places[item.text] ?? item.chosen;
}

export function choose(options: Options, text: string, choice: PlaceChoice): Options {
  const bare: PlaceChoice = choice === 'unplaced' ? choice : { layer: choice.layer, id: choice.id };
  return { ...options, places: { ...options.places, [text]: bare } };
}

/** Takes every proposal that nobody has decided about yet. */
export function confirmAll(options: Options, items: readonly PlaceItem[]): Options {
  return items.reduce((now, item) => (item.proposal && choiceOf(now, item) === null ? choose(now, item.text, item.proposal) : now), options);
}

export interface PlaceTally {
  texts: number;
  rows: number;
  /** Texts with a proposal, undecided. */
  open: number;
  /** Texts without any proposal, undecided: they stay unplaced. */
  bare: number;
}

export function tally(options: Options, items: readonly PlaceItem[]): PlaceTally {
  const undecided = items.filter((item) => choiceOf(options, item) === null);
  return {
    texts: items.length,
    rows: items.reduce((n, item) => n + item.rows, 0),
    open: undecided.filter((item) => item.proposal !== null).length,
    bare: undecided.filter((item) => item.proposal === null).length,
  };
}

/** The place a choice names, if it is among those offered. */
export function offered(item: PlaceItem, choice: PlaceChoice | null): PlaceOffer | null {
  if (choice === null || choice === 'unplaced') return null;
  return [item.proposal, ...item.others].find((offer): offer is PlaceOffer => offer !== null && sameChoice(offer, choice)) ?? null;
}

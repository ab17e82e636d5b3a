/** What the components are given. Plain data; the shapes follow the server's answers. */

export type LayerName = 'grids' | 'compounds' | 'streets' | 'routes' | 'incidents';
export type Kind = 'police' | 'dispute' | 'hotline';
export type Measure = 'count' | 'rate' | 'none';

export const KINDS: readonly Kind[] = ['police', 'dispute', 'hotline'];

/** Inclusive local dates `YYYY-MM-DD`. */
export interface Period {
  from: string;
  to: string;
}

/** An entry of an actions menu. */
export interface Action {
  id: string;
  label: string;
  note?: string;
  href?: string;
  disabled?: boolean;
  /** An entry that is on or off. */
  checked?: boolean;
  run?: () => void;
}

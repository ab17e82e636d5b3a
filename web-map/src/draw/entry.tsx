/** What the first page holds of the editor: what is asked for, and the way to fetch the rest. */
import { signal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { LayerName } from '../api/types';
import { Skeleton } from '../ui/state';

/** Layers that can be drawn by hand. */
export type Drawable = Exclude<LayerName, 'streets'>;

export type Task =
  | { kind: 'edit'; layer: LayerName; id: number }
  | { kind: 'new'; layer: LayerName }
  | { kind: 'history'; layer: LayerName; id: number }
  | { kind: 'split' | 'merge'; id: number }
  | { kind: 'partition' };

type Parts = typeof import('./screen');

const parts = signal<Parts | null>(null);
let fetching: Promise<void> | null = null;

/** The task on screen; null = none. */
export const task: Signal<Task | null> = signal(null);
/** Leaves the task for another or none, asking first when something would be lost; set by the loaded part. */
export const leaving: { ask: ((next: Task | null) => void) | null } = { ask: null };

export function startTask(next: Task): void {
  fetching ??= import('./screen').then(
    (loaded) => {
      parts.value = loaded;
    },
    () => {
      fetching = null;
    },
  );
  // The work at hand is not thrown away for the next.
  if (task.peek() && leaving.ask) leaving.ask(next);
  else task.value = next;
}

/** Ends the task at once, or asks when there is work to lose. */
export function leaveTask(): void {
  if (leaving.ask) leaving.ask(null);
  else task.value = null;
}

/** A part of the editor, once it is here. */
export function Draw({ part }: { part: 'DrawBar' | 'DrawPanel' | 'DrawDialogs' }): JSX.Element | null {
  if (!task.value) return null;
  if (!parts.value) return part === 'DrawPanel' ? <Skeleton lines={6} /> : null;
  const Part = parts.value[part];
  return <Part />;
}

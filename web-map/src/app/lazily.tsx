import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { Skeleton } from '../ui/state';

type Parts = typeof import('./later');

const parts = signal<Parts | null>(null);
let asked: Promise<void> | null = null;

/** Fetches the second chunk once; a failed fetch is tried again at the next call. */
export function loadLater(): Promise<void> {
  asked ??= import('./later').then(
    (loaded) => {
      parts.value = loaded;
    },
    () => {
      asked = null;
    },
  );
  return asked;
}

interface LaterProps {
  part: keyof Parts;
  /** Lines to show while it is on its way. */
  lines?: number;
}

/** A component of the second chunk. */
export function Later({ part, lines = 0 }: LaterProps): JSX.Element | null {
  if (!parts.value) {
    if (lines > 0) void loadLater();
    return lines > 0 ? <Skeleton lines={lines} /> : null;
  }
  const Part = parts.value[part];
  return <Part />;
}

type Wall = typeof import('./present');

const wall = signal<Wall | null>(null);

/** A component of the presentation, which most visits never need. */
export function Presented({ part }: { part: 'PresentHead' | 'PresentSide' | 'PresentLegend' }): JSX.Element | null {
  if (!wall.value) {
    void import('./present').then((loaded) => (wall.value = loaded), () => undefined);
    return null;
  }
  const Part = wall.value[part];
  return <Part />;
}

/** What the first page holds of the import: its address, dropped files, and the way to fetch the rest. */
import { signal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import type { Controller } from '../app/controller';
import { t } from '../i18n';
import { Skeleton } from '../ui/state';

type Parts = typeof import('./screen');

const parts = signal<Parts | null>(null);
let asked: Promise<void> | null = null;

/** Files let go over the window, until the page takes them. */
export const dropped: Signal<readonly File[] | null> = signal(null);
/** Files are being dragged over the window. */
export const dragging = signal(false);

function load(): Promise<void> {
  asked ??= import('./screen').then(
    (loaded) => {
      parts.value = loaded;
    },
    () => {
      asked = null;
    },
  );
  return asked;
}

const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/** Files may be dropped anywhere; they open the import. */
export function bindDrops(app: Controller): () => void {
  // Entering a child leaves its parent, so the depth counts, not the last event.
  let depth = 0;
  const enter = (event: DragEvent): void => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth++;
    dragging.value = true;
    void load();
  };
  const over = (event: DragEvent): void => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
  };
  const leave = (event: DragEvent): void => {
    if (!carriesFiles(event)) return;
    depth = Math.max(0, depth - 1);
    if (depth === 0) dragging.value = false;
  };
  const drop = (event: DragEvent): void => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    dragging.value = false;
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    dropped.value = files;
    app.set({ view: 'import' });
  };
  document.addEventListener('dragenter', enter);
  document.addEventListener('dragover', over);
  document.addEventListener('dragleave', leave);
  document.addEventListener('drop', drop);
  return () => {
    document.removeEventListener('dragenter', enter);
    document.removeEventListener('dragover', over);
    document.removeEventListener('dragleave', leave);
    document.removeEventListener('drop', drop);
  };
}

/** Says where the files go while they hang over any view. */
export function DropVeil(): JSX.Element | null {
  const loaded = parts.value;
  return dragging.value && loaded ? <loaded.Veil /> : null;
}

/** The import page, or its skeleton while it is fetched. */
export function ImportView({ top, children }: { top: ComponentChildren; children?: ComponentChildren }): JSX.Element {
  useEffect(() => void load(), []);
  const loaded = parts.value;
  if (loaded) return <loaded.ImportScreen top={top}>{children}</loaded.ImportScreen>;
  return (
    <div class="app" data-right="none">
      {top}
      <main class="stage">
        <h2 class="visually-hidden">{t('view.import')}</h2>
        <Skeleton lines={6} />
      </main>
      {children}
    </div>
  );
}

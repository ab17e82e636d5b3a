/** What the first page holds of the settings: their address and the way to fetch the rest. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { t } from '../i18n';
import { Skeleton } from '../ui/state';

type Parts = typeof import('./settings');

const parts = signal<Parts | null>(null);
let asked: Promise<void> | null = null;

function load(): Promise<void> {
  asked ??= import('./settings').then(
    (loaded) => {
      parts.value = loaded;
    },
    () => {
      asked = null;
    },
  );
  return asked;
}

/** The settings page, or its skeleton while it is fetched. */
export function SettingsView({ top, children }: { top: ComponentChildren; children?: ComponentChildren }): JSX.Element {
  useEffect(() => void load(), []);
  const loaded = parts.value;
  if (loaded) return <loaded.SettingsScreen top={top}>{children}</loaded.SettingsScreen>;
  return (
    <div class="app" data-right="none">
      {top}
      <main class="stage">
        <h2 class="visually-hidden">{t('view.settings')}</h2>
        <Skeleton lines={6} />
      </main>
      {children}
    </div>
  );
}

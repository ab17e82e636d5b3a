import { useEffect } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { t } from '../i18n';
import { Icon } from './icons';

interface StateAction {
  label: string;
  run: () => void;
}

/** Why there is nothing, and one thing to do about it. */
export function EmptyState({ text, action }: { text: string; action?: StateAction }): JSX.Element {
  return (
    <div class="empty">
      <p>{text}</p>
      {action ? (
        <button type="button" class="btn btn-outline" onClick={action.run}>{action.label}</button>
      ) : null}
    </div>
  );
}

/** An error stays where it happened, with a way to try again. */
export function ErrorBar({ text, onRetry, onClose }: { text: string; onRetry?: () => void; onClose?: () => void }): JSX.Element {
  return (
    <div class="bar bar-error" role="alert">
      <Icon name="alert" />
      <span>{text}</span>
      {onRetry ? <button type="button" class="btn btn-link" onClick={onRetry}>{t('action.retry')}</button> : null}
      {onClose ? (
        <button type="button" class="btn btn-icon" aria-label={t('action.close')} onClick={onClose}><Icon name="close" /></button>
      ) : null}
    </div>
  );
}

/** Amber: the connection is gone, or the numbers are being renewed. `at` is the time of what is shown, in words. */
export function OfflineBar({ at, stale = false, onRetry }: { at: string | null; stale?: boolean; onRetry?: () => void }): JSX.Element {
  const text = at === null ? t('state.offlineNever') : stale ? t('state.stale', { time: at }) : t('state.offline', { time: at });
  return (
    <div class="bar bar-warn" role="status">
      <span>{text}</span>
      {onRetry && !stale ? <button type="button" class="btn btn-link" onClick={onRetry}>{t('action.retry')}</button> : null}
    </div>
  );
}

/** Appears after 300 ms, so that a quick answer never flickers. */
export function Skeleton({ lines = 4 }: { lines?: number }): JSX.Element {
  return (
    <div class="skeleton" role="status" aria-label={t('state.loading')}>
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} style={{ width: `${[82, 64, 90, 48][i % 4]}%` }} />
      ))}
    </div>
  );
}

/** Thin bar at the top of the map while new tiles come and the old ones stay. */
export function Progress({ on }: { on: boolean }): JSX.Element | null {
  return on ? <div class="progress" aria-hidden="true" /> : null;
}

interface ToastProps {
  message: string;
  action?: StateAction;
  onClose: () => void;
  /** Milliseconds on screen; 0 = until closed. */
  stay?: number;
}

/** For finished background work only. */
export function Toast({ message, action, onClose, stay = 6000 }: ToastProps): JSX.Element {
  useEffect(() => {
    if (stay === 0) return;
    const timer = setTimeout(onClose, stay);
    return () => clearTimeout(timer);
  }, [message, stay]);
  return (
    <div class="toast fade-in">
      <span>{message}</span>
      {action ? <button type="button" class="btn btn-small" onClick={action.run}>{action.label}</button> : null}
      <button type="button" class="btn btn-icon btn-small" aria-label={t('action.close')} onClick={onClose}><Icon name="close" /></button>
    </div>
  );
}

/** Where toasts live; spoken politely. Keep it mounted, also when empty. */
export function ToastRegion({ children }: { children?: ComponentChildren }): JSX.Element {
  return <div class="toasts" role="status" aria-live="polite">{children}</div>;
}

/** The page after a failure it could not survive. */
export function CrashScreen({ message }: { message: string }): JSX.Element {
  return (
    <main class="empty">
      <div role="alert">
        <h1>{t('state.crash')}</h1>
        <p>{t('state.crashHint')}</p>
        <p class="mono">{message}</p>
      </div>
      <button type="button" class="btn btn-primary" onClick={() => location.reload()}>{t('action.reload')}</button>
    </main>
  );
}

import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { t } from '../i18n';

export type Detent = 'small' | 'half' | 'full';
const ORDER: readonly Detent[] = ['small', 'half', 'full'];

/** Height of a detent in pixels inside a host of the given height. */
export function detentHeight(detent: Detent, host: number): number {
  return detent === 'small' ? 96 : Math.max(96, host * (detent === 'half' ? 0.45 : 0.92));
}

/** The detent a released sheet falls into: the nearest one, pushed on by a flick (px per ms, up is positive). */
export function settle(height: number, host: number, speed = 0): Detent {
  const aimed = height + speed * 160;
  return ORDER.reduce((best, d) => (Math.abs(detentHeight(d, host) - aimed) < Math.abs(detentHeight(best, host) - aimed) ? d : best));
}

interface BottomSheetProps {
  detent: Detent;
  onDetent: (detent: Detent) => void;
  /** What the sheet is about, for screen readers. */
  label: string;
  /** Tabs or a title that stay while the body scrolls. */
  head?: ComponentChildren;
  children: ComponentChildren;
}

/** The phone's panel: 96 px, 45 % or 92 % high; drag the handle, or press it. */
export function BottomSheet({ detent, onDetent, label, head, children }: BottomSheetProps): JSX.Element {
  const root = useRef<HTMLElement>(null);
  const [host, setHost] = useState(0);
  const [height, setHeight] = useState<number | null>(null);
  const drag = useRef<{ y: number; height: number; lastY: number; lastTime: number; speed: number; moved: boolean } | null>(null);

  useEffect(() => {
    const parent = root.current?.parentElement;
    if (!parent) return;
    const measure = (): void => setHost(parent.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(parent);
    return () => observer.disconnect();
  }, []);

  const down = (event: PointerEvent): void => {
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    drag.current = { y: event.clientY, height: detentHeight(detent, host), lastY: event.clientY, lastTime: event.timeStamp, speed: 0, moved: false };
  };
  const move = (event: PointerEvent): void => {
    const d = drag.current;
    if (!d) return;
    if (Math.abs(event.clientY - d.y) > 4) d.moved = true;
    const dt = event.timeStamp - d.lastTime;
    if (dt > 0) d.speed = (d.lastY - event.clientY) / dt;
    d.lastY = event.clientY;
    d.lastTime = event.timeStamp;
    if (d.moved) setHeight(Math.max(72, Math.min(host * 0.92, d.height + d.y - event.clientY)));
  };
  const up = (): void => {
    const d = drag.current;
    drag.current = null;
    setHeight(null);
    if (d?.moved && height !== null) {
      onDetent(settle(height, host, d.speed));
      ignoreClick.current = true;
    }
  };
  const ignoreClick = useRef(false);
  const press = (): void => {
    // A drag that ends on the handle also clicks it.
    if (ignoreClick.current) {
      ignoreClick.current = false;
      return;
    }
    onDetent(detent === 'full' ? 'small' : (ORDER[ORDER.indexOf(detent) + 1] ?? 'half'));
  };
  const key = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
    const next = ORDER[ORDER.indexOf(detent) + step];
    if (step === 0 || !next) return;
    event.preventDefault();
    onDetent(next);
  };

  return (
    <section
      class="sheet"
      ref={root}
      aria-label={label}
      data-detent={detent}
      data-dragging={height !== null}
      style={{ height: `${Math.round(height ?? detentHeight(detent, host))}px` }}
    >
      <button
        type="button"
        class="sheet-handle"
        aria-label={t('sheet.handle', { size: t(`sheet.${detent}`) })}
        aria-expanded={detent !== 'small'}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={up}
        onClick={press}
        onKeyDown={key}
      />
      {head}
      <div class="sheet-body">{children}</div>
    </section>
  );
}

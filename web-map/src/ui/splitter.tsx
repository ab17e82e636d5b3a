import { useRef } from 'preact/hooks';
import type { JSX } from 'preact';

interface SplitterProps {
  label: string;
  /** Which way growing goes: a left panel grows to the right, a right one to the left, a dock upwards. */
  side: 'left' | 'right' | 'dock';
  value: number;
  min: number;
  max: number;
  onChange: (value: number) => void;
}

/** A border between panels to drag or to move with the arrow keys. */
export function Splitter({ label, side, value, min, max, onChange }: SplitterProps): JSX.Element {
  const drag = useRef<{ at: number; value: number } | null>(null);
  const sign = side === 'left' ? 1 : -1;
  const at = (e: PointerEvent): number => (side === 'dock' ? e.clientY : e.clientX);
  const put = (next: number): void => onChange(Math.round(Math.max(min, Math.min(max, next))));
  const key = (event: KeyboardEvent): void => {
    const [less, more] = side === 'dock' ? ['ArrowDown', 'ArrowUp'] : side === 'left' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowRight', 'ArrowLeft'];
    const step = event.key === more ? 16 : event.key === less ? -16 : event.key === 'Home' ? -1e6 : event.key === 'End' ? 1e6 : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    put(value + step);
  };
  return (
    <div
      class="splitter"
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={side === 'dock' ? 'horizontal' : 'vertical'}
      aria-valuenow={value}
      aria-valuemin={min}
      aria-valuemax={max}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        drag.current = { at: at(e), value };
      }}
      onPointerMove={(e) => {
        if (drag.current) put(drag.current.value + sign * (at(e) - drag.current.at));
      }}
      onPointerUp={() => (drag.current = null)}
      onPointerCancel={() => (drag.current = null)}
      onKeyDown={key}
    />
  );
}

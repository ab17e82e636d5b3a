import { useId } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';

interface SectionProps {
  title: string;
  /** Small words after the title: unit and period. */
  note?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
}

/** A titled block of a panel. */
export function Section({ title, note, children, class: className = '' }: SectionProps): JSX.Element {
  const id = useId();
  return (
    <section class={`section ${className}`} aria-labelledby={id}>
      <div class="section-head">
        <h2 id={id}>{title}</h2>
        {note === undefined || note === null ? null : <span class="section-note">{note}</span>}
      </div>
      {children}
    </section>
  );
}

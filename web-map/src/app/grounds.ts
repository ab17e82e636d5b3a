import { computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Client } from '../api/client';
import type { Background } from '../api/types';
import { lang } from '../i18n';
import type { MapView } from '../map/engine';
import type { Store } from '../state/store';
import { remembered } from './memory';

export const NO_GROUND = 'none';
/** The ground of an imported extract, which is shown unless another choice was made. */
export const OWN_GROUND = 'osm';

/**
 * Which background is to be shown: the link's, else the one this browser
 * remembers, else our own ground. One that is not there or not usable is none.
 */
export function choose(list: readonly Background[] | null, linked: string | null, kept: string | null): Background | null {
  for (const id of [linked, kept, OWN_GROUND]) {
    if (id === NO_GROUND) return null;
    const found = list?.find((background) => background.id === id);
    if (found) return found.problem ? null : found;
  }
  return null;
}

/** The background maps of the server, the one chosen, and how it fares. What draws them comes later. */
export class Grounds {
  /** `null` until the server was asked. */
  readonly list: Signal<readonly Background[] | null> = signal(null);
  readonly chosen: ReadonlySignal<Background | null>;
  /** How clearly it shows, 0 to 1. */
  readonly strength: Signal<number> = remembered('background-strength', 1);
  /** Its tiles do not come; the server's sentence, if it gave one. */
  readonly failed: Signal<string | null> = signal(null);
  private readonly kept: Signal<string | null> = remembered<string | null>('background', null);

  constructor(
    private readonly client: Client,
    private readonly store: Store,
  ) {
    const linked = store.pick('background');
    this.chosen = computed(() => choose(this.list.value, linked.value, this.kept.value));
  }

  /** What the picker marks: the wish, also while it cannot be met. */
  get wish(): string {
    return this.chosen.value?.id ?? NO_GROUND;
  }

  /** Asks what there is; without an answer there is none, and the map is as it was. */
  async load(): Promise<void> {
    try {
      this.list.value = (await this.client.get<{ backgrounds: Background[] }>('/api/backgrounds')).backgrounds;
    } catch {
      this.list.value ??= [];
    }
  }

  use(id: string): void {
    this.kept.value = id;
    this.store.update({ background: id });
  }

  async fail(error: unknown): Promise<void> {
    if (this.failed.peek() !== null) return;
    this.failed.value = '';
    const text = await (error as { body?: Blob } | null)?.body?.text().catch(() => '');
    const said = /"detail":"((?:[^"\\]|\\.)*)"/.exec(text ?? '')?.[1];
    if (said && this.failed.peek() === '') this.failed.value = JSON.parse(`"${said}"`) as string;
  }

  /** Draws the chosen one on a map for as long as it is there. */
  follow(view: MapView, ownStreets: () => boolean): () => void {
    void this.load();
    const id = computed(() => this.chosen.value?.tiles ?? null);
    let alive = true;
    const stops = [
      effect(() => {
        void id.value;
        this.failed.value = null;
      }),
      effect(() => {
        const background = this.chosen.value;
        const wanted = { strength: this.strength.value, own: ownStreets(), lang: lang.value };
        document.documentElement.toggleAttribute('data-ground', background !== null);
        if (!background) view.show({ ground: null, datum: 'wgs84' });
        else {
          void import('../background/ground').then(
            ({ groundOf }) => {
              if (alive && this.chosen.peek() === background) view.show({ ground: groundOf(background, wanted), datum: background.datum });
            },
            () => (this.failed.value = ''),
          );
        }
      }),
    ];
    return () => {
      alive = false;
      for (const stop of stops) stop();
    };
  }
}

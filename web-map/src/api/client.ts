import type { ColumnValues, Counts, FeatureCollection, GridStats, Here, Histogram, LayerName, Meta, Problem, SearchAnswer, Summary } from './types';

/** An answer that is not 2xx; `message` is the server's sentence for the reader. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem | null,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** The server could not be reached at all. */
export class Offline extends Error {
  constructor() {
    super('offline');
    this.name = 'Offline';
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

interface Cached {
  etag: string;
  body: unknown;
}

/** How many answers with an ETag are kept for a 304. */
const CACHE_ENTRIES = 60;

/**
 * Typed access to the server: every answer that carries an ETag is kept and
 * asked for again with If-None-Match, so an unchanged answer costs a 304.
 */
export class Client {
  private readonly cache = new Map<string, Cached>();
  language = 'zh-CN';

  constructor(
    private readonly base = '',
    private readonly send: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  async get<T>(path: string, query: string = '', signal?: AbortSignal): Promise<T> {
    const url = this.base + path + (query ? `?${query}` : '');
    const key = `${this.language} ${url}`;
    const known = this.cache.get(key);
    const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': this.language };
    if (known) headers['If-None-Match'] = known.etag;
    let answer: Response;
    try {
      answer = await this.send(url, { headers, signal: signal ?? null, cache: 'no-store' });
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new Offline();
    }
    if (answer.status === 304 && known) return known.body as T;
    if (!answer.ok) throw await failure(answer);
    const body = (await answer.json()) as T;
    const etag = answer.headers.get('ETag');
    if (etag) this.keep(key, { etag, body });
    return body;
  }

  private keep(key: string, entry: Cached): void {
    this.cache.delete(key);
    this.cache.set(key, entry);
    if (this.cache.size > CACHE_ENTRIES) {
      const oldest = this.cache.keys().next().value;
      if (oldest !== undefined) this.cache.delete(oldest);
    }
  }

  meta(signal?: AbortSignal): Promise<Meta> {
    return this.get('/api/meta', '', signal);
  }

  counts(by: string, filter: string, signal?: AbortSignal): Promise<Counts> {
    return this.get('/api/counts', join(`by=${by}`, filter), signal);
  }

  gridStats(filter: string, signal?: AbortSignal): Promise<GridStats> {
    return this.get('/api/stats/grids', filter, signal);
  }

  histogram(filter: string, step: Histogram['step'], signal?: AbortSignal): Promise<Histogram> {
    return this.get('/api/histogram', join(filter, `step=${step}`), signal);
  }

  /** The values of a kept column of the incidents, most frequent first. */
  values(column: string, filter: string, signal?: AbortSignal): Promise<ColumnValues> {
    return this.get('/api/values', join(`layer=incidents&column=${encodeURIComponent(column)}`, filter), signal);
  }

  here(lon: number, lat: number, signal?: AbortSignal): Promise<Here> {
    return this.get('/api/here', `lon=${lon}&lat=${lat}`, signal);
  }

  search(text: string, signal?: AbortSignal): Promise<SearchAnswer> {
    return this.get('/api/search', `q=${encodeURIComponent(text)}&limit=8`, signal);
  }

  summary(layer: LayerName, id: number, filter: string, signal?: AbortSignal): Promise<Summary> {
    return this.get(`/api/feature/${layer}/${id}/summary`, filter, signal);
  }

  items(layer: LayerName, query: string, signal?: AbortSignal): Promise<FeatureCollection> {
    return this.get(`/collections/${layer}/items`, join('f=json', query), signal);
  }
}

/** Joins query pieces, leaving out empty ones. */
export function join(...parts: string[]): string {
  return parts.filter(Boolean).join('&');
}

async function failure(answer: Response): Promise<ApiError> {
  let problem: Problem | null = null;
  try {
    problem = (await answer.json()) as Problem;
  } catch {
    // An answer without a body still has a status to report.
  }
  return new ApiError(answer.status, problem, problem?.detail ?? problem?.title ?? `HTTP ${answer.status}`);
}

import { describe, expect, it } from 'vitest';
import { ApiError, Client, join, Offline } from '../src/api/client';

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(status === 304 ? null : JSON.stringify(body), { status, headers });

describe('client', () => {
  it('asks again with the tag it was given and reuses the body on 304', async () => {
    const seen: (string | undefined)[] = [];
    const client = new Client('', async (_, init) => {
      const tag = (init?.headers as Record<string, string>)['If-None-Match'];
      seen.push(tag);
      return tag ? answer(304, null) : answer(200, { total: 3 }, { ETag: '"r1"' });
    });
    expect(await client.get('/api/counts')).toEqual({ total: 3 });
    expect(await client.get('/api/counts')).toEqual({ total: 3 });
    expect(seen).toEqual([undefined, '"r1"']);
  });

  it('does not mix languages', async () => {
    let n = 0;
    const client = new Client('', async () => answer(200, ++n, { ETag: '"x"' }));
    await client.get('/api/meta');
    client.language = 'en';
    expect(await client.get('/api/meta')).toBe(2);
  });

  it('asks for the values of a column with the filter as it stands', async () => {
    let url = '';
    const client = new Client('', async (input) => {
      url = String(input);
      return answer(200, {});
    });
    await client.values('办理 部门', 'kind=police&x.a=1');
    expect(url).toBe(`/api/values?layer=incidents&column=${encodeURIComponent('办理 部门')}&kind=police&x.a=1`);
    await client.values('n', '');
    expect(url).toBe('/api/values?layer=incidents&column=n');
  });

  it('says what the server said', async () => {
    const client = new Client('', async () => answer(400, { title: '参数有误', detail: 'hour 应为 0–23', status: 400 }));
    await expect(client.meta()).rejects.toMatchObject({ name: 'ApiError', status: 400, message: 'hour 应为 0–23' });
    await expect(new Client('', async () => new Response('<html>', { status: 502 })).meta()).rejects.toBeInstanceOf(ApiError);
  });

  it('tells a lost connection from an error', async () => {
    const client = new Client('', async () => {
      throw new TypeError('Failed to fetch');
    });
    await expect(client.meta()).rejects.toBeInstanceOf(Offline);
  });

  it('joins queries', () => {
    expect(join('', 'a=1', '', 'b=2')).toBe('a=1&b=2');
  });
});

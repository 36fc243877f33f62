import type { IncomingMessage } from 'node:http';
import { ApiProblem, badRequest } from './api-problem.ts';

function tooLarge(limit: number): ApiProblem {
  return new ApiProblem({
    status: 413,
    message: `Request body is larger than the limit of ${limit} bytes.`,
    code: 'request_too_large',
    // The rest of the body is not read, so that the connection cannot be used again.
    headers: { connection: 'close' },
  });
}

/**
 * Reads a request body.
 *
 * @param limit - bytes.
 * @throws ApiProblem 413 past the limit; a plain Error where the client left before the end.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > limit) {
      reject(tooLarge(limit));
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.removeAllListeners('data');
        request.pause();
        reject(tooLarge(limit));
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the client left before its request was complete')));
  });
}

/** A JSON object, as every endpoint requires. @throws ApiProblem 400. */
export function parseJsonObject(body: Buffer | string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(typeof body === 'string' ? body : body.toString('utf8'));
  } catch {
    throw badRequest(
      'We could not parse the JSON body of your request. (HINT: This likely means you are not using your HTTP library correctly. The API expects a JSON payload, but what was sent was not valid JSON.)',
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('Invalid body: expected a JSON object.');
  }
  return value as Record<string, unknown>;
}

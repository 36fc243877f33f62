/** Amazon API Gateway and Lambda: both answer whole unless told to stream. */
import type { ComponentFixes, FixText } from './fix.ts';

const streamMode: FixText = {
  title: 'let API Gateway stream the answer',
  where: 'the x-amazon-apigateway-integration of the method (REST API), then deploy the stage',
  paste:
    'x-amazon-apigateway-integration:\n  type: aws_proxy\n  httpMethod: POST\n  responseTransferMode: STREAM\n  timeoutInMillis: 900000\n  uri: arn:aws:apigateway:${AWS::Region}:lambda:path/2021-11-15/functions/${StreamFunction.Arn}/response-streaming-invocations',
  why: 'The default is BUFFERED: it waits for the complete answer, 29 s and 10 MB at most. HTTP APIs (v2) cannot stream at all.',
  side_effect: 'the function must write in the streaming format (awslambda.streamifyResponse).',
};

const lambdaUrl: FixText = {
  title: 'let Lambda stream the answer',
  where: 'the function, behind a function URL with InvokeMode: RESPONSE_STREAM',
  paste: `export const handler = awslambda.streamifyResponse(async (event, stream) => {
  stream = awslambda.HttpResponseStream.from(stream, {
    statusCode: 200,
    headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache, no-transform' },
  });
  for await (const text of tokens(event)) stream.write(\`data: \${text}\\n\\n\`);
  stream.end();
});`,
  why: 'A handler that returns its answer is delivered when it has returned.',
};

export const awsApiGateway: ComponentFixes = {
  component: 'aws-api-gateway',
  obeysHeaders: false,
  remedies: {
    stored_and_forwarded: [streamMode, lambdaUrl],
    buffered_by_size: [lambdaUrl],
    cut_at_total: [streamMode],
    cut_when_idle: [
      {
        ...streamMode,
        why: 'A buffered integration ends after 29 s; one that streams may take 15 minutes, and is ended after 5 minutes without data on regional and private endpoints, after 30 s on edge-optimised ones.',
      },
    ],
  },
};

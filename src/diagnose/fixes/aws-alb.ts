/** AWS Application Load Balancer: it does not buffer bodies, but it ends idle connections. */
import { heartbeatSeconds, type ComponentFixes } from './fix.ts';

export const awsAlb: ComponentFixes = {
  component: 'aws-alb',
  obeysHeaders: false,
  remedies: {
    cut_when_idle: (verdict) => [
      {
        title: 'raise the idle timeout',
        where: 'a shell; fill in the ARN of the load balancer',
        paste:
          'aws elbv2 modify-load-balancer-attributes --load-balancer-arn "$ARN" \\\n  --attributes Key=idle_timeout.timeout_seconds,Value=600',
        why: 'It is 60 s unless set, 4000 s at most, and counts the time without a byte in either direction.',
        side_effect: `it holds for every connection of the load balancer; a comment each ${heartbeatSeconds(verdict)} s from the application needs no change here.`,
      },
    ],
    stored_and_forwarded: [
      {
        title: 'do not stream through a Lambda target',
        where: 'the template of the function: give it its own URL that streams',
        paste:
          'Type: AWS::Lambda::Url\nProperties:\n  TargetFunctionArn: !GetAtt StreamFunction.Arn\n  AuthType: AWS_IAM\n  InvokeMode: RESPONSE_STREAM',
        why: 'A load balancer waits for the whole answer of a Lambda target; other targets it passes on as they write.',
        side_effect: 'the function must be written with awslambda.streamifyResponse.',
      },
    ],
  },
};

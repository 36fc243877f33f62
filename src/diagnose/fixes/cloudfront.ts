/** Amazon CloudFront, as CloudFormation writes it. */
import type { ComponentFixes } from './fix.ts';

const behavior = 'the CacheBehavior of the streaming path (DistributionConfig)';

export const cloudfront: ComponentFixes = {
  component: 'cloudfront',
  obeysHeaders: false,
  remedies: {
    compressed_without_flush: [
      {
        title: 'do not compress the stream',
        where: behavior,
        paste:
          'Compress: false\nCachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad # Managed-CachingDisabled',
        why: 'With Compress on, CloudFront compresses what its cache policy accepts in gzip or Brotli.',
        side_effect: 'nothing under that path is cached or compressed.',
      },
    ],
    stored_and_forwarded: [
      {
        title: 'neither compress nor cache the stream',
        where: behavior,
        paste:
          'Compress: false\nCachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad # Managed-CachingDisabled',
        why: 'CloudFront passes an answer on as it comes, unless it compresses it or a Lambda@Edge function at the origin response reads its body; then look there.',
        side_effect: 'nothing under that path is cached or compressed.',
      },
    ],
    cut_when_idle: [
      {
        title: 'wait longer for the next packet',
        where: 'the CustomOriginConfig of the origin',
        paste: 'OriginReadTimeout: 120',
        why: 'The origin response timeout, 30 s unless set and 120 s at most without a higher quota, also counts between two packets. Above that only heartbeats help.',
      },
    ],
    cut_at_total: [
      {
        title: 'lift the limit on a whole answer',
        where: 'the Origin of the distribution: remove the line, or raise its number of seconds',
        paste: 'ResponseCompletionTimeout: 3600',
        why: 'Where it is set, CloudFront ends an answer that is not complete by then; unset there is no limit.',
      },
    ],
  },
};

/** Every component that fixes are known for. To add one: a file next to this one, and a line here. */
import type { ComponentId } from '../diagnosis.ts';
import { apache } from './apache.ts';
import { application } from './application.ts';
import { awsAlb } from './aws-alb.ts';
import { awsApiGateway } from './aws-api-gateway.ts';
import { azure } from './azure.ts';
import { caddy } from './caddy.ts';
import { cloudflare } from './cloudflare.ts';
import { cloudfront } from './cloudfront.ts';
import { envoy } from './envoy.ts';
import { express } from './express.ts';
import type { ComponentFixes } from './fix.ts';
import { goProxy } from './go-proxy.ts';
import { haproxy } from './haproxy.ts';
import { heroku } from './heroku.ts';
import { ingressNginx } from './ingress-nginx.ts';
import { network } from './network.ts';
import { nextjs } from './nextjs.ts';
import { nginx } from './nginx.ts';
import { starlette } from './starlette.ts';
import { traefik } from './traefik.ts';
import { varnish } from './varnish.ts';
import { vercel } from './vercel.ts';

const all: readonly ComponentFixes[] = [
  nginx,
  ingressNginx,
  haproxy,
  apache,
  caddy,
  varnish,
  cloudflare,
  cloudfront,
  awsAlb,
  awsApiGateway,
  azure,
  heroku,
  vercel,
  nextjs,
  express,
  starlette,
  traefik,
  envoy,
  goProxy,
  application,
  network,
];

const byComponent = new Map(all.map((entry) => [entry.component, entry]));

/** What is known for a component; undefined for `unknown`. */
export function componentFixes(component: ComponentId): ComponentFixes | undefined {
  return byComponent.get(component);
}

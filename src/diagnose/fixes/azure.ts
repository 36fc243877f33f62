/** Azure Application Gateway and Azure Front Door, by the az command line. */
import { heartbeatSeconds, type ComponentFixes, type FixText } from './fix.ts';

const noBuffer: FixText = {
  title: 'switch response buffering off (Application Gateway)',
  where: 'a shell; fill in gateway and resource group',
  paste:
    'az network application-gateway update --name "$GATEWAY" --resource-group "$GROUP" \\\n  --set globalConfiguration.enableResponseBuffering=false',
  why: 'Application Gateway v2 buffers answers unless told otherwise.',
  side_effect:
    'it holds for the whole gateway: slow clients now hold connections to the back end open.',
};

const noCompression: FixText = {
  title: 'switch compression off for the route (Front Door)',
  where: 'a shell; fill in the names',
  paste:
    'az afd route update --resource-group "$GROUP" --profile-name "$PROFILE" \\\n  --endpoint-name "$ENDPOINT" --route-name "$ROUTE" --enable-compression false',
  why: 'Front Door compresses when it caches a route, and holds what it compresses.',
};

export const azure: ComponentFixes = {
  component: 'azure',
  obeysHeaders: false,
  remedies: {
    buffered_by_size: [noBuffer],
    buffered_by_time: [noBuffer],
    stored_and_forwarded: [noBuffer, noCompression],
    headers_withheld: [noBuffer],
    compressed_without_flush: [noCompression],
    cut_when_idle: (verdict) => [
      {
        title: 'wait longer for the next event (Application Gateway)',
        where: 'a shell; fill in the names',
        paste:
          'az network application-gateway http-settings update --gateway-name "$GATEWAY" \\\n  --resource-group "$GROUP" --name "$SETTINGS" --timeout 600',
        why: 'The request time-out of the back-end settings, in seconds, must be longer than the longest pause.',
        side_effect: `Azure's load balancers end connections that are silent for 4 minutes whatever is set here: send a comment each ${heartbeatSeconds(verdict)} s.`,
      },
      {
        title: 'wait longer for the origin (Front Door)',
        where: 'a shell; fill in the names',
        paste:
          'az afd profile update --resource-group "$GROUP" --profile-name "$PROFILE" \\\n  --origin-response-timeout-seconds 240',
        why: '240 s is the most that Front Door waits.',
      },
    ],
  },
};

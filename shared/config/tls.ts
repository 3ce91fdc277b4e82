import { z } from 'zod'

/** The certificate authority of a server, for stores and registry reached over https. */
export const caFile = z.string().optional().meta({
  description:
    'PEM file of the certificate authority that signed the server’s certificate; by default those that Node trusts.',
  example: '/etc/tidemark/ca.pem',
})

export const httpUrl = z.url({ protocol: /^https?$/, error: 'an http:// or https:// address is wanted' })

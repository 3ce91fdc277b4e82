import { z } from 'zod'

/** The certificate authority of a server, for stores and registry reached over https. */
export const caFile = z.string().optional().meta({
  description:
    'PEM file of the certificate authority that signed the server’s certificate; by default those that Node trusts.',
  example: '/etc/tidemark/ca.pem',
})

/** Addresses stand in logs and in /ready: a password in one would stand there too. */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'an http:// or https:// address is wanted' })
  .refine((url) => !URL.parse(url)?.password, {
    error: 'addresses are logged, so a password may not be part of one; it has a setting of its own',
  })

/** The part of an index template that Tidemark sets. */
export interface IndexTemplate {
  readonly index_patterns: string[]
  readonly version: number
  readonly priority: number
  readonly template: {
    readonly settings: Record<string, string | number>
    readonly mappings: { readonly dynamic: boolean; readonly properties: Record<string, FieldMapping> }
  }
}

export type FieldMapping =
  | { readonly type: 'boolean' | 'date' | 'text' | 'double' | 'integer' | 'long' }
  | { readonly type: 'keyword' | 'flattened'; readonly ignore_above?: number }
  | { readonly properties: Record<string, FieldMapping> }

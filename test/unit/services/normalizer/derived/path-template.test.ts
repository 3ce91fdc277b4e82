import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { operationNameOf, pathOf, routeOf } from '../../../../../services/normalizer/derived/path-template.ts'

describe('routes of paths', () => {
  it.each([
    ['/', '/'],
    ['', '/'],
    ['//a//b/', '/a/b'],
    ['/users/17/orders/-3', '/users/{id}/orders/{id}'],
    ['/users/2f1e6a54-9b0c-4d0e-8f4e-0d9a3b1c2d3e', '/users/{id}'],
    ['/users/2F1E6A549B0C4D0E8F4E0D9A3B1C2D3E', '/users/{id}'],
    // Tracers cut long names.
    ['/token/561c1727-4d6e-4556-888b-e65', '/token/{id}'],
    ['/commits/9f86d081884c', '/commits/{id}'],
    ['/docs/507f1f77bcf86cd799439011', '/docs/{id}'],
    ['/orders/01ARZ3NDEKTSV4RRFFQ69G5FAV', '/orders/{id}'],
    ['/reports/2024-01-15', '/reports/{id}'],
    ['/items/item-12345', '/items/item-{id}'],
    ['/img/7.png', '/img/{id}.png'],
    ['/static/app.3f2a9c1b.js', '/static/app.{id}.js'],
    ['/users/ann@example.org', '/users/{id}'],
    ['/search/caf%C3%A9', '/search/{id}'],
    ['/cart;jsessionid=9A0F', '/cart'],
    ['/api/v1/facade/deadbeef/utf-8', '/api/v1/facade/deadbeef/utf-8'],
    ['/oauth2/k8s/s3', '/oauth2/k8s/s3'],
    ['/users/{id}/orders/:order/<int:n>', '/users/{id}/orders/:order/<int:n>'],
    ['/a/b/c/d/e/f/g/h', '/a/b/c/d/e/f/g/h'],
    ['/a/b/c/d/e/f/g/h/i/j', '/a/b/c/d/e/f/g/h/*'],
    [`/${'x'.repeat(65)}`, '/{id}'],
  ])('%s is %s', (path, route) => {
    expect(routeOf(path)).toBe(route)
  })

  it('are short, whatever the path, and have one of their own', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'/ab1-.{};%é😀'), maxLength: 200 }), (path) => {
        const route = routeOf(path)
        expect(route.length).toBeLessThanOrEqual(8 * 65 * 4 + 2)
        if (!route.endsWith('/*')) expect(routeOf(route)).toBe(route)
      }),
    )
  })

  it('of numbers differ by the words around them only', () => {
    const one = fc.nat()
    fc.assert(
      fc.property(one, one, (a, b) => {
        expect(routeOf(`/u/${a}/o`)).toBe(routeOf(`/u/${b}/o`))
      }),
    )
  })
})

describe('paths of targets', () => {
  it.each([
    ['/a/b?c=/d#e', '/a/b'],
    ['https://user@example.org:8080/a?b', '/a'],
    ['http://example.org', '/'],
    ['http://example.org?x', '/'],
    ['*', '*'],
    ['', '/'],
  ])('%s has %s', (target, path) => {
    expect(pathOf(target)).toBe(path)
  })
})

describe('names of operations', () => {
  it.each([
    ['get /users/17', 'get /users/{id}'],
    ['GET /users/{id}', 'GET /users/{id}'],
    ['http:/verifylogintoken/561c1727-4d6e-4556-888b-e65', 'http:/verifylogintoken/{id}'],
    ['client-select-by-id', 'client-select-by-id'],
    ['delete /authorization/code/_code_', 'delete /authorization/code/_code_'],
    ['', ''],
  ])('%s is %s', (name, expected) => {
    expect(operationNameOf(name)).toBe(expected)
  })
})

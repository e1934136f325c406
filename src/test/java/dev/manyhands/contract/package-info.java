/** The OpenAPI document as a judge of examples and answers. */
package dev.manyhands.contract;

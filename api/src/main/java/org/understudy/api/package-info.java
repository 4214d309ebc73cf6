/** The words of the REST interface under {@code /api/v1} and a typed client for it; see {@code openapi.yaml}. */
package org.understudy.api;

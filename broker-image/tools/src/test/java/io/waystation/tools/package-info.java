/// Tests of the tools against the real daemons, in this process and as processes of their own.
@NullMarked
package io.waystation.tools;

import org.jspecify.annotations.NullMarked;

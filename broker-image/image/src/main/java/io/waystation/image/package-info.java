/// The one program: every daemon and tool is a name of it.
@NullMarked
package io.waystation.image;

import org.jspecify.annotations.NullMarked;

# Español. How texts are written: see en.ftl.

date-format = %d/%m/%Y
span-seconds = { $n ->
    [one] { $n } segundo
   *[other] { $n } segundos
}
span-minutes = { $n ->
    [one] { $n } minuto
   *[other] { $n } minutos
}
span-hours = { $n ->
    [one] { $n } hora
   *[other] { $n } horas
}

# --- answers that can't be read
too-long = Era demasiado largo. Escríbalo de nuevo.
not-plain = No se puede leer. Escríbalo de nuevo.
choose-again = Escriba una de las respuestas indicadas.
choose-number = Escriba el propio número de teléfono.

# --- when nothing goes
unavailable = El restablecimiento no está disponible ahora.
server-changed = El servidor no responde. Responda de nuevo.
resting =
    Demasiados códigos incorrectos.
    El restablecimiento está en pausa para esta cuenta; vuelva en { $time }.
too-many-starts = Demasiados intentos. Vuelva en { $time }.
go-on-prompt = Pulse Intro para continuar: {""}

# --- recovery
recover-menu = ¿Cómo quiere demostrar que es usted?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     un código a su correo registrado
recover-menu-app = {"  "}app   un código de su aplicación de autenticación
recover-menu-codes = {"  "}code  un código de recuperación o del servicio de ayuda
recover-menu-recovery-code = {"  "}code  un código de recuperación
recover-menu-helpdesk-code = {"  "}code  un código del servicio de ayuda
recover-menu-contact = {"  "}o escriba su número de teléfono o dirección de correo
recover-menu-number = {"  "}o escriba su número de teléfono registrado
recover-menu-address = {"  "}o escriba otra dirección de correo registrada
recover-menu-prompt = Su elección (Intro para volver): {""}
recover-menu-prompt-mandatory = Su elección: {""}
one-more-proof =
    El código era correcto.
    Su cuenta necesita otro más, por otra vía.
proof-gone = Ha tardado demasiado. Pulse Intro para empezar.
recover-left = Ha salido. No se ha cambiado nada.
recover-given-up =
    Demasiadas respuestas no eran de las indicadas.
    No se ha cambiado nada.

# --- codes
code-sent-email =
    Si esta cuenta tiene un correo registrado, le
    acabamos de enviar un código. Es válido durante { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minutos
    }.
code-sent-contact =
    Si eso está registrado para esta cuenta, le
    acabamos de enviar un código. Es válido durante { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minutos
    }.
code-called =
    Si ese teléfono está registrado para esta cuenta,
    sonará enseguida y se leerá el código dos veces.
    Es válido durante { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minutos
    }.
code-sent-to =
    Código enviado. Es válido durante { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minutos
    }.
    Va a { $contact }.
code-sent-earlier =
    Un código enviado antes sigue siendo válido.
    Podrá pedir otro en { $time }.
code-resumed-email = El código enviado antes por correo sigue vigente.
code-resumed-contact =
    Un código enviado al contacto que escribió antes
    sigue siendo válido.
code-resumed-to =
    Para terminar su registro, escriba el código
    enviado a { $contact }.
code-not-yet = Podrá pedir otro código en { $time }.
code-usage = Escriba el código, o: new (otro código), other (otra vía), Intro (volver).
code-usage-call = Escriba el código, o: new (otro), call (leerlo), other (otra vía).
code-usage-new = Escriba el código, o: new (otro código), other (cambiarlo), Intro (volver).
code-usage-mandatory = Escriba el código, o: new (otro código), other (otra vía).
code-usage-new-mandatory = Escriba el código, o: new (otro código), other (cambiarlo).
code-usage-token = Para un código de recuperación o de la ayuda, escriba: code
code-prompt = Código: {""}
code-refused = Ese código no es correcto.
code-malformed = Un código tiene { $digits } cifras.
code-wrong =
    Ese código no es correcto. { $left ->
        [one] Queda un intento.
       *[other] Quedan { $left } intentos.
    }
code-worn-out =
    Ese código no es correcto.
    Ya no admite más intentos; escriba new para recibir otro.
code-expired =
    Ese código ha caducado.
    Escriba new para recibir otro.

# --- codes that somebody has already
token-app = Escriba el código que muestra su aplicación.
token-app-wrong =
    Ese código no es correcto. { $left ->
        [one] Queda un intento.
       *[other] Quedan { $left } intentos.
    }
    Un código vale medio minuto y una sola vez.
token-code = Escriba un código de recuperación o de la ayuda.
token-helpdesk = Escriba el código que le dio la ayuda.
token-code-wrong =
    Ese código no es correcto. { $left ->
        [one] Queda un intento.
       *[other] Quedan { $left } intentos.
    }
    Cada código vale una sola vez.
token-usage = Escriba el código, o: other (otra vía), Intro (volver).

# --- the new password
password-rules =
    Elija una contraseña de al menos { $length } caracteres.
    Van bien unas cuantas palabras sin relación entre sí.
password-rules-digits = { $n ->
    [one] Este equipo exige una cifra.
   *[other] Este equipo exige { $n } cifras.
}
password-rules-capitals = { $n ->
    [one] Este equipo exige una mayúscula.
   *[other] Este equipo exige { $n } mayúsculas.
}
password-rules-small = { $n ->
    [one] Este equipo exige una minúscula.
   *[other] Este equipo exige { $n } minúsculas.
}
password-rules-others = { $n ->
    [one] Este equipo exige un signo, como un guion.
   *[other] Este equipo exige { $n } signos, como guiones.
}
password-rules-kinds = Mayúsculas, minúsculas, cifras, signos: use { $n } tipos.
password-rules-history = No se acepta una que ya haya usado.
password-rules-banned = Algunas palabras están prohibidas; se le avisará.
password-encrypts = Lo que cifra la anterior sigue bloqueado.
recovery-codes-left =
    { $left ->
        [0] Era el último de sus códigos de recuperación.
        [one] Le queda un código de recuperación.
       *[other] Le quedan { $left } códigos de recuperación.
    }
password-prompt = Nueva contraseña: {""}
password-takes = El cambio puede tardar hasta un minuto.
password-again-prompt = La misma otra vez: {""}
password-mismatch = No coinciden. Elija de nuevo.
password-empty = No se escribió nada. Elija una contraseña.
password-too-short =
    Es demasiado corta. { $more ->
        [one] Le falta un carácter.
       *[other] Le faltan { $more } caracteres.
    }
password-too-long = Es demasiado larga: como máximo 511 bytes.
password-has-name =
    Contiene su nombre o el de este equipo.
    Elija otra.
password-banned =
    Contiene una palabra prohibida aquí:
    { $word }
    Elija otra.
password-blanks =
    Empieza o termina con un espacio.
    Los espacios ahí se pierden; elija otra.
password-keyboard =
    Es una fila de teclas, fácil de adivinar.
    Elija otra.
password-repeats =
    Se repite y es fácil de adivinar.
    Elija otra.
password-sequence =
    Es una secuencia como abc o 1234.
    Se adivina pronto; elija otra.
password-date =
    Es una fecha, que se adivina pronto.
    Elija otra.
password-common =
    Es una de las más usadas, o se le parece.
    Elija otra.
password-word =
    Es una sola palabra o un nombre.
    Se adivina pronto; junte unas cuantas.
password-weak =
    Es fácil de adivinar.
    Más larga, o con una palabra más, será buena.
password-same =
    Es la que ya tiene, y sigue valiendo.
    Elija una nueva.
password-refused =
    Este equipo no la acepta:
    { $reason }
password-refused-there =
    El directorio no la acepta:
    { $reason }
password-short-there =
    Es demasiado corta para el directorio.
    Elija una más larga.
password-young =
    Se cambió hace poco.
    El directorio permite el próximo cambio más tarde.
not-changed =
    No se ha cambiado nada; la anterior sigue valiendo.
    Vuelva a intentarlo más tarde.
not-sure =
    Puede que el cambio no se haya realizado.
    Pruebe primero la nueva y después la anterior.

# --- after a recovery
recover-sessions-ended = { $n ->
    [one] Se cerró una sesión que estaba abierta.
   *[other] Se cerraron { $n } sesiones que estaban abiertas.
}
recover-ssh-keys = { $n ->
    [one] Una clave SSH aún da acceso; revísela.
   *[other] { $n } claves SSH aún dan acceso; revíselas.
}
recover-ssh-unseen = No se pudieron ver todas las claves SSH; revíselas.
recover-refused-here =
    El cambio está hecho. Este equipo aún no lo ve:
    si le rechaza, inténtelo de nuevo en unos minutos.

# --- an account that too many wrong passwords have locked
unlock-menu =
    Demasiados intentos fallidos bloquearon esta cuenta.
    Una contraseña nueva quita el bloqueo. Si recuerda la anterior,
    escriba unlock e inicie sesión con ella.
unlock-prompt = Intro: contraseña nueva, o unlock: {""}
unlocked =
    El bloqueo se ha quitado. Inicie sesión con
    la contraseña que tenía.
unlock-not-sure =
    Puede que la cuenta siga bloqueada.
    Pruebe la contraseña que tenía; si se rechaza,
    empiece de nuevo.

# --- registration
method-email = correo electrónico
method-phone = teléfono, por SMS
method-app = aplicación de autenticación en un teléfono
register-menu =
    Si alguna vez olvida su contraseña, podrá entrar
    con un código. ¿Dónde puede recibirlo?
register-menu-two =
    Si alguna vez olvida su contraseña, podrá entrar
    con códigos. Su cuenta necesita dos de estas vías:
register-menu-more =
    Su cuenta necesita una vía más, por si alguna
    vez olvida su contraseña:
register-several = O varias, por ejemplo: 1 2
register-helpdesk = O code, si el servicio de ayuda le ha dado uno.
register-menu-prompt = { $n ->
    [2] 1 o 2
   *[other] 1, 2 o 3
    } (Intro para más tarde): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 o 2
   *[other] 1, 2 o 3
    }: {""}
register-email-only =
    Si alguna vez olvida su contraseña, podrá entrar
    con un código por correo. Registre una dirección.
register-phone-only =
    Si alguna vez olvida su contraseña, podrá entrar
    con un código al teléfono. Registre un número.
register-app-only =
    Si alguna vez olvida su contraseña, podrá entrar
    con una aplicación de autenticación. Registre una.
register-only-prompt = Escriba y para registrar (Intro: más tarde): {""}
register-only-prompt-mandatory = Escriba y para registrar ahora: {""}
register-mandatory =
    Ya no se puede aplazar más:
    sin registro, el inicio de sesión termina aquí.
register-denied = Para entrar, inicie sesión otra vez y regístrese.
register-not-now =
    Ahora mismo no es posible.
    Puede continuar; se lo preguntaremos de nuevo.
register-by-hand = Regístrese para el restablecimiento: sspr enroll
register-changed =
    Entretanto cambió lo que está registrado.
    No se ha guardado nada; empiece de nuevo.
register-email =
    ¿Qué dirección de correo?
    Elija una que pueda leer sin iniciar sesión aquí.
register-phone = ¿Qué número? Recibirá un SMS con un código.
email-prompt = Correo electrónico (Intro para volver): {""}
number-prompt = Número de teléfono (Intro para volver): {""}
registered =
    Listo, ya está registrado. Si olvida la contraseña,
    pulse simplemente Intro donde se le pida.
app-scan = Escanéelo con una aplicación de autenticación.
app-beside = ¿Sin cámara? Escriba esta clave, basada en tiempo:
app-swap-beside = ¿No se lee? Escriba: swap
app-usage-picture = Escriba el código, o: swap (colores), text (sin imagen), Intro (volver).
app-key = Añada una cuenta en la aplicación.
app-key-lines =
    Cuenta: { $account } en { $host }
    Tipo de clave: basada en tiempo, 6 cifras

    {"    "}{ $key }
app-usage = Escriba el código que muestre entonces la aplicación, o Intro para volver.
app-usage-key = Escriba el código, o: picture (código QR, { $lines } líneas), Intro (volver).
app-prompt = Código: {""}
app-wrong = Ese código no es correcto. { $left ->
        [one] Queda un intento.
       *[other] Quedan { $left } intentos.
    }
app-anew = No funcionó. Bórrelo en la aplicación y repita.
reconfirm = ¿Sigue siendo así como contactarle?
reconfirm-prompt = y si es así, c para cambiarlo (Intro: más tarde): {""}
too-quick = Ha sido demasiado rápido. Lea esto primero.
imported =
    Su administrador introdujo esto por usted, para que
    un código le ayude si olvida su contraseña. ¿Es suyo?
imported-prompt = y o n (Intro para más tarde): {""}
imported-prompt-mandatory = y, n o later: {""}
codes-shown =
    Diez códigos de recuperación, para emergencias.
    Con cada uno puede restablecer su contraseña una vez.
codes-keep =
    Guárdelos en papel: no se mostrarán de nuevo.
    Para obtener otros, ejecute: sspr codes
codes-unseen =
    Se crearon diez códigos de recuperación y quizá
    usted no los haya visto. ¿Quiere otros nuevos?
codes-off = Aquí no se usan códigos de recuperación.
remove =
    Esto elimina todo lo que restablece su contraseña:
remove-prompt = Escriba remove para hacerlo (Intro: conservar): {""}
removed =
    Ya no hay nada registrado.
    Para registrarse de nuevo, ejecute: sspr enroll

# --- contacts that can't be taken
contact-empty = No se escribió nada.
contact-too-long = Es demasiado largo.
email-no-at =
    Una dirección de correo lleva una @,
    como en ann@example.org.
email-no-dot =
    Tras la @ debe ir un dominio completo,
    como en ann@example.org.
email-several = Escriba una sola dirección.
email-display-name = Escriba solo la dirección, sin paréntesis.
email-bad-domain = Lo que sigue a la @ no es un dominio.
email-bad-local = Lo que precede a la @ no es válido.
email-not-ascii = Antes de la @ solo valen letras sin acentos.
number-not-one = Eso no es un número de teléfono.
number-needs-country =
    Escríbalo con el prefijo del país,
    como en +34 612 345 678.
number-invalid =
    Ese número no existe.
    Compruebe las cifras y el país.
email-refused-domain =
    No se puede usar una dirección de { $domain }:
    quizá no pueda leerla cuando haga falta. Elija otra.
contact-known = Eso ya está registrado. Elija otro.
number-not-textable =
    Un número así no puede recibir SMS.
    Elija otro.

# --- the command
enroll-password = Demuestre primero que es usted.
current-password-prompt = Contraseña actual: {""}
enroll-wrong-password =
    Esa no es su contraseña actual.
    No se ha cambiado nada.
enroll-not-served = Este servicio no está activo para esta cuenta.
enroll-unchanged = No se ha cambiado nada.
enroll-no-way =
    No se ha cambiado nada: hace falta un código.
    Si ya no puede recibir ninguno, el servicio de ayuda le atenderá.
enroll-lost = ¿No tiene nada de esto? Acuda al servicio de ayuda.
enroll-menu = Lo que puede restablecer su contraseña:
enroll-menu-nothing = No hay ninguna vía de restablecimiento registrada:
enroll-menu-missing =
    Lo que puede restablecer su contraseña.
    Su cuenta necesita una vía más, de otro tipo:
enroll-menu-prompt = Un número (Intro para terminar): {""}
enroll-add-email = añadir una dirección de correo
enroll-add-phone = añadir un teléfono
enroll-add-app = añadir una aplicación de autenticación
enroll-remove = eliminarlo
enroll-prefer = usarlo antes que el otro
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 o 2
    } (Intro para volver): {""}
enroll-last =
    Es lo único que hay; no se puede quitar solo.
    Añada antes otro, o ejecute: sspr remove
enroll-saved = Guardado.
line-email = correo    { $contact }
line-phone = teléfono  { $contact }
line-app = aplicación de autenticación
mark-preferred = (se usa primero)
mark-unconfirmed = (sin confirmar)
status-nothing = No hay nada registrado. Ejecute: sspr enroll
status-too-few =
    Su cuenta necesita una vía más, de otro tipo.
    Ejecute: sspr enroll
status-registered = Registrado para restablecer la contraseña:
status-codes = Códigos de recuperación restantes: { $left }
status-confirmed = Última confirmación: { $date }
status-unconfirmed = Lo no confirmado se pregunta al iniciar sesión.
status-used = último uso: { $date }
status-unused = sin usar todavía
status-not-asked = El restablecimiento no lo pide por ahora.
status-asks-one = El restablecimiento pide uno de estos.
status-asks-two = El restablecimiento pide dos de estos, de distinto tipo.

# --- the line in a shell of somebody who is not registered
hint-enroll = Por si olvida su contraseña: sspr enroll
hint-codes = Hay códigos de recuperación para usted: sspr codes

# --- mail, text messages and calls
call-language = es-ES
call-opening = Hola. Este es su código para { $host }.
call-again = Otra vez, su código es:
call-closing = Adiós.
mail-code-subject = Su código para { $host }
mail-code-recover =
    { $code } es su código para restablecer la contraseña de { $account } en { $host }.

    Es válido hasta las { $until }. Escríbalo donde lo pidió y no se lo dé a nadie.
    Si no lo pidió, no tiene que hacer nada: sin el código no ocurre nada.
mail-code-register =
    { $code } es su código para registrar esta dirección para { $account } en { $host }.

    Es válido hasta las { $until }. Escríbalo donde lo pidió y no se lo dé a nadie.
    Si no lo pidió, no tiene que hacer nada.
mail-code-enroll =
    { $code } es su código para cambiar los datos de contacto de { $account } en { $host }.

    Es válido hasta las { $until }. Escríbalo donde lo pidió y no se lo dé a nadie.
    Si no lo pidió, alguien conoce su contraseña. Cámbiela ahora y avise a su administrador.
mail-code-desk =
    { $code } es el código que le pide el servicio de ayuda. Es sobre { $account } en { $host }.

    Es válido hasta las { $until }. Léalo solo si usted mismo llamó al servicio de ayuda: muestra quién es y no restablece nada.
    Si no llamó, no le dé este código a nadie y avise a su administrador.
text-code-desk = { $code } es el código que le pide el servicio de ayuda sobre { $account } en { $host }. ¿No llamó usted? No se lo dé a nadie.
text-code-enroll = { $code } es su código para cambiar los datos de contacto de { $account } en { $host }. ¿No fue usted? Cambie ya su contraseña.
text-code-recover = { $code } es su código para restablecer la contraseña de { $account } en { $host }. No se lo dé a nadie.
text-code-register = { $code } es su código para registrar este número para { $account } en { $host }. No se lo dé a nadie.
mail-recovered-subject = Se restableció la contraseña de { $account } en { $host }
mail-recovered =
    La contraseña de { $account } en { $host } se restableció el { $when }, por { $service } desde { $source }.

    Si fue usted, todo está bien.
    Si no fue usted: restablézcala ahora para cerrar el paso a otros y avise a su administrador.
text-recovered = La contraseña de { $account } en { $host } se restableció el { $when } desde { $source }. ¿No fue usted? Restablézcala ya y avise a su administrador.
mail-unlocked-subject = Se desbloqueó { $account } en { $host }
mail-unlocked =
    Demasiadas contraseñas incorrectas habían bloqueado { $account } en { $host }. El { $when } se quitó el bloqueo, por { $service } desde { $source }. La contraseña sigue igual.

    Si fue usted, todo está bien.
    Si no fue usted: avise a su administrador.
text-unlocked = { $account } en { $host } se desbloqueó el { $when } desde { $source }. La contraseña sigue igual. ¿No fue usted? Avise a su administrador.
mail-contact-changed-subject = Cambiaron los datos de contacto de { $account } en { $host }
mail-contact-changed =
    Lo que puede restablecer la contraseña de { $account } en { $host } cambió el { $when }, por { $service } desde { $source }.

    { $change }

    Si fue usted, todo está bien.
    Si no fue usted: cambie ahora su contraseña y avise a su administrador.
text-contact-changed = Restablecimiento de { $account } en { $host }: { $change } { $when }. ¿No fue usted? Cambie su contraseña y avise a su administrador.
text-about-email = la dirección de correo { $contact }
text-about-phone = el teléfono { $contact }
text-about-app = la aplicación de autenticación
text-change-added = Añadido: { $what }.
text-change-announced = Se añadirá el { $from } desde el directorio: { $what }.
text-change-removed = Eliminado: { $what }.
text-change-preferred = Se usa primero desde ahora: { $what }.
text-change-codes = Hay códigos de recuperación nuevos; los anteriores ya no valen.
text-change-everything = Eliminado: todo lo que estaba registrado.
mail-test-subject = Mensaje de prueba de { $host }
mail-test =
    Esta es una prueba del correo que { $host } envía para restablecer contraseñas.
    La pidió un administrador. No lleva ningún código y no hay que hacer nada.
text-test = Prueba de { $host }: los SMS para restablecer contraseñas llegan. No hay que hacer nada.
text-source-shell = un intérprete de órdenes en este equipo
mail-blocked-subject = Restablecimiento en pausa para { $account } en { $host }
mail-blocked =
    Se escribieron demasiados códigos incorrectos para { $account } en { $host }, el último el { $when }, por { $service } desde { $source }.

    El restablecimiento por código queda en pausa un tiempo para esta cuenta. Su contraseña funciona como antes.
    Si no fue usted: alguien intentó entrar. No se ha cambiado nada; avise a su administrador.
text-blocked = Demasiados códigos incorrectos para { $account } en { $host }, el último desde { $source }. Restablecimiento en pausa un tiempo; su contraseña sigue valiendo. ¿No fue usted? Avise a su administrador.
mail-admin-recovered-subject = Se restableció la contraseña del administrador { $account } en { $host }
mail-admin-recovered =
    La contraseña de { $account } en { $host } se restableció el { $when }, por { $service } desde { $source }. Es una cuenta de administrador.

    Si no fue { $account }: bloquee la cuenta ahora, por ejemplo con "usermod -L { $account }", y consulte el registro.
mail-many-failures-subject = Muchos códigos erróneos en { $host }
mail-many-failures =
    En la hora anterior a { $when } se escribieron en { $host } más códigos erróneos de los que permite [limits] failed_proofs_per_hour. El último llegó por { $service } desde { $source }.

    Puede que alguien esté adivinando. Cada cuenta tiene su propio límite, así que no hay prisa; "sspr admin audit" muestra de qué cuentas se trataba y desde dónde. Hasta que termine, las respuestas al restablecer tardan hasta un segundo más.
mail-failures-at-source-subject = Muchos códigos erróneos desde un mismo origen en { $host }
mail-failures-at-source =
    En la hora anterior a { $when }, un solo origen escribió en { $host } más códigos erróneos de los que le corresponden de [limits] failed_proofs_per_hour. El último llegó por { $service } desde { $source }.

    Puede que alguien esté adivinando allí. Cada cuenta tiene su propio límite, así que no hay prisa; "sspr admin audit" muestra de qué cuentas se trataba. Hasta que termine, las respuestas al restablecer tardan hasta un segundo más para este origen, y para nadie más. Un correo así llega como mucho una vez al día; los demás orígenes están en el registro de auditoría.

# Português europeu. How texts are written: see en.ftl. Users are addressed in the third person, without a pronoun.

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
too-long = O texto é demasiado longo. Introduza-o novamente.
not-plain = Não é possível ler. Introduza novamente.
choose-again = Introduza uma das respostas mostradas.
choose-number = Introduza o próprio número de telefone.

# --- when nothing goes
unavailable = A reposição não está disponível neste momento.
server-changed = O servidor deixou de responder. Responda novamente.
resting =
    Demasiados códigos errados.
    A reposição está suspensa para esta conta. Tente novamente dentro de { $time }.
too-many-starts = Demasiadas tentativas. Tente dentro de { $time }.
go-on-prompt = Prima Enter para continuar: {""}

# --- recovery
recover-menu = Como pretende confirmar a sua identidade?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     um código para o seu endereço de e-mail registado
recover-menu-app = {"  "}app   um código da sua aplicação de autenticação
recover-menu-codes = {"  "}code  um código de recuperação ou do suporte técnico
recover-menu-recovery-code = {"  "}code  um código de recuperação
recover-menu-helpdesk-code = {"  "}code  um código do suporte técnico
recover-menu-contact = {"  "}ou introduza o seu número de telefone ou endereço de e-mail
recover-menu-number = {"  "}ou introduza o seu número de telefone registado
recover-menu-address = {"  "}ou introduza outro endereço de e-mail registado
recover-menu-prompt = A sua escolha (Enter para voltar): {""}
recover-menu-prompt-mandatory = A sua escolha: {""}
one-more-proof =
    O código estava correto.
    A sua conta exige mais um, por outro meio.
proof-gone = Tempo esgotado. Prima Enter para recomeçar.
recover-left = Saiu da reposição. Nada foi alterado.
recover-given-up =
    Demasiadas respostas não eram das mostradas.
    Nada foi alterado.

# --- codes
code-sent-email =
    Se esta conta tiver um endereço de e-mail registado,
    o código vai a caminho. É válido durante { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minutos
    }.
code-sent-contact =
    Se isso estiver registado para esta conta,
    o código vai a caminho. É válido durante { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minutos
    }.
code-called =
    Se esse telefone estiver registado para esta conta,
    tocará dentro de momentos e o código será lido duas vezes.
    É válido durante { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minutos
    }.
code-sent-to =
    O código vai a caminho. É válido durante { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minutos
    }.
    É enviado para { $contact }.
code-sent-earlier =
    Um código enviado antes ainda é válido.
    Pode ser enviado outro dentro de { $time }.
code-resumed-email = Um código enviado antes por e-mail ainda é válido.
code-resumed-contact =
    Um código enviado antes para o contacto que
    introduziu ainda é válido.
code-resumed-to =
    Para concluir o registo, introduza o código
    enviado para { $contact }.
code-not-yet = Pode ser enviado outro código dentro de { $time }.
code-usage = Introduza o código, ou: new (outro código), other (outro meio), Enter (voltar)
code-usage-call = Introduza o código, ou: new (outro), call (ouvir), other (outro meio).
code-usage-new = Introduza o código, ou: new (outro código), other (alterar), Enter (voltar)
code-usage-mandatory = Introduza o código, ou: new (outro código), other (outro meio).
code-usage-new-mandatory = Introduza o código, ou: new (outro código), other (alterar).
code-usage-token = Para um código de recuperação ou do suporte técnico, introduza: code
code-prompt = Código: {""}
code-refused = O código não está correto.
code-malformed = Um código tem { $digits } algarismos.
code-wrong =
    O código não está correto. { $left ->
        [one] Resta uma tentativa.
       *[other] Restam { $left } tentativas.
    }
code-worn-out =
    O código não está correto.
    Não restam tentativas para ele. Introduza new para obter outro.
code-expired =
    O código expirou.
    Introduza new para obter outro.

# --- codes that the user has already
token-app = Introduza o código da aplicação de autenticação.
token-app-wrong =
    O código não está correto. { $left ->
        [one] Resta uma tentativa.
       *[other] Restam { $left } tentativas.
    }
    Cada código serve uma vez, durante meio minuto.
token-code = Introduza um código de recuperação ou do suporte.
token-helpdesk = Introduza o código que o suporte técnico lhe deu.
token-code-wrong =
    O código não está correto. { $left ->
        [one] Resta uma tentativa.
       *[other] Restam { $left } tentativas.
    }
    Cada código serve uma vez.
token-usage = Introduza o código, ou: other (outro meio), Enter (voltar).

# --- the new password
password-rules =
    Escolha uma palavra-passe de pelo menos { $length } carateres.
    Algumas palavras sem relação entre si funcionam bem.
password-rules-digits = { $n ->
    [one] Esta máquina exige um algarismo.
   *[other] Esta máquina exige { $n } algarismos.
}
password-rules-capitals = { $n ->
    [one] Esta máquina exige uma letra maiúscula.
   *[other] Esta máquina exige { $n } letras maiúsculas.
}
password-rules-small = { $n ->
    [one] Esta máquina exige uma letra minúscula.
   *[other] Esta máquina exige { $n } letras minúsculas.
}
password-rules-others = { $n ->
    [one] Esta máquina exige um símbolo, como um hífen.
   *[other] Esta máquina exige { $n } símbolos, como hífenes.
}
password-rules-kinds = Maiúsculas, minúsculas, algarismos, símbolos: use { $n }.
password-rules-history = As palavras-passe já usadas não são aceites.
password-rules-banned = Algumas palavras são proibidas. Será avisado.
password-encrypts = Os dados cifrados com a antiga ficam bloqueados.
recovery-codes-left =
    { $left ->
        [0] Esse foi o seu último código de recuperação.
        [one] Resta-lhe um código de recuperação.
       *[other] Restam-lhe { $left } códigos de recuperação.
    }
password-prompt = Nova palavra-passe: {""}
password-takes = A alteração pode demorar até um minuto.
password-again-prompt = A mesma, novamente: {""}
password-mismatch = As duas não coincidem. Escolha novamente.
password-empty = Nada foi introduzido. Escolha uma palavra-passe.
password-too-short =
    É demasiado curta. { $more ->
        [one] Falta um caráter.
       *[other] Faltam { $more } carateres.
    }
password-too-long = É demasiado longa. O limite é de 511 bytes.
password-has-name =
    Contém o seu nome ou o nome desta máquina.
    Escolha outra.
password-banned =
    Contém uma palavra que é proibida aqui:
    { $word }
    Escolha outra.
password-blanks =
    Começa ou termina com um espaço.
    Os espaços aí perdem-se. Escolha outra.
password-keyboard =
    É uma fila de teclas, fácil de adivinhar.
    Escolha outra.
password-repeats =
    Repete-se e é fácil de adivinhar.
    Escolha outra.
password-sequence =
    É uma sequência como abc ou 1234.
    É fácil de adivinhar. Escolha outra.
password-date =
    É uma data, fácil de adivinhar.
    Escolha outra.
password-common =
    É muito usada, ou parecida com uma muito usada.
    Escolha outra.
password-word =
    É uma só palavra ou um nome.
    É fácil de adivinhar. Junte algumas palavras.
password-weak =
    É fácil de adivinhar.
    Torne-a mais longa ou acrescente uma palavra.
password-same =
    É a que tem agora, e continua válida.
    Escolha uma nova.
password-refused =
    Esta máquina recusa essa palavra-passe:
    { $reason }
password-refused-there =
    O diretório recusa essa palavra-passe:
    { $reason }
password-short-there =
    É demasiado curta para o diretório.
    Escolha uma mais longa.
password-young =
    Foi alterada há pouco tempo.
    O diretório permite a próxima alteração mais tarde.
not-changed =
    Nada foi alterado; a anterior continua válida.
    Tente novamente mais tarde.
not-sure =
    A alteração pode não ter sido concluída.
    Tente primeiro a nova e depois a anterior.

# --- after a recovery
recover-sessions-ended = { $n ->
    [one] Foi terminada uma sessão aberta.
   *[other] Foram terminadas { $n } sessões abertas.
}
recover-ssh-keys = { $n ->
    [one] Uma chave SSH ainda lhe dá acesso; verifique-a.
   *[other] { $n } chaves SSH ainda lhe dão acesso; verifique-as.
}
recover-ssh-unseen = Algumas chaves SSH não foram lidas; verifique-as.
recover-refused-here =
    A alteração foi feita. Esta máquina ainda não a vê:
    se recusar o acesso, tente novamente dentro de alguns minutos.

# --- an account that too many wrong passwords have locked
unlock-menu =
    Demasiadas palavras-passe erradas bloquearam a conta.
    Uma nova palavra-passe desbloqueia-a. Se afinal se lembrar da antiga,
    introduza unlock e inicie sessão com ela.
unlock-prompt = Enter para uma palavra-passe nova, ou unlock: {""}
unlocked =
    A conta está desbloqueada. Inicie sessão com a
    palavra-passe que tinha.
unlock-not-sure =
    A conta pode ainda estar bloqueada.
    Tente a palavra-passe que tinha.
    Se for recusada, recomece.

# --- registration
method-email = e-mail
method-phone = telefone, por SMS
method-app = aplicação de autenticação no telemóvel
register-menu =
    Se um dia não conseguir iniciar sessão, um código
    pode dar-lhe acesso. Para onde deve ser enviado?
register-menu-two =
    Se um dia não conseguir iniciar sessão, os códigos
    podem dar-lhe acesso. A sua conta exige dois destes meios:
register-menu-more =
    A sua conta exige mais um meio de acesso, para o
    caso de um dia não conseguir iniciar sessão:
register-several = Ou vários, por exemplo: 1 2
register-helpdesk = Ou code, se o suporte técnico lhe deu um código.
register-menu-prompt = { $n ->
    [2] 1 ou 2
   *[other] 1, 2 ou 3
    } (Enter para agora não): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 ou 2
   *[other] 1, 2 ou 3
    }: {""}
register-email-only =
    Se um dia não conseguir iniciar sessão, um código
    por e-mail pode dar-lhe acesso. Registe um endereço para isso.
register-phone-only =
    Se um dia não conseguir iniciar sessão, um código
    por telefone pode dar-lhe acesso. Registe um número para isso.
register-app-only =
    Se um dia não conseguir iniciar sessão, uma aplicação
    de autenticação no telemóvel pode dar-lhe acesso. Registe uma para isso.
register-only-prompt = Registar agora? Introduza y (Enter: agora não): {""}
register-only-prompt-mandatory = Introduza y para registar agora: {""}
register-mandatory =
    O registo já não pode ser adiado:
    sem ele, o início de sessão termina aqui.
register-denied = Para entrar, inicie sessão de novo e registe-se.
register-not-now =
    O registo não funciona neste momento.
    Pode continuar; a pergunta voltará a ser feita.
register-by-hand = Registe-se para a reposição por código: sspr enroll
register-changed =
    O seu registo foi alterado entretanto.
    Nada foi guardado. Recomece.
register-email =
    Que endereço de e-mail?
    Escolha um que possa ler sem iniciar sessão aqui.
register-phone = Que número? Recebe um SMS com um código.
email-prompt = Endereço de e-mail (Enter para voltar): {""}
number-prompt = Número de telefone (Enter para voltar): {""}
registered =
    Concluído, o registo está feito. Se um dia não
    conseguir iniciar sessão, prima apenas Enter, sem escrever nada.
app-scan = Leia com uma aplicação de autenticação.
app-beside = Sem câmara? Introduza a chave (baseada no tempo):
app-swap-beside = Não se lê? Introduza: swap
app-usage-picture = Introduza o código, ou: swap (cores), text (sem imagem), Enter (voltar).
app-key = Adicione uma conta à aplicação de autenticação.
app-key-lines =
    Conta: { $account } em { $host }
    Tipo de chave: baseada no tempo, 6 algarismos

    {"    "}{ $key }
app-usage = Introduza o código que a aplicação mostrar, ou prima Enter para voltar.
app-usage-key = Introduza o código, ou: picture (código QR, { $lines } linhas), Enter (voltar).
app-prompt = Código: {""}
app-wrong = O código não está correto. { $left ->
        [one] Resta uma tentativa.
       *[other] Restam { $left } tentativas.
    }
app-anew = Não funcionou. Elimine na aplicação e recomece.
reconfirm = Ainda é possível contactá-lo assim?
reconfirm-prompt = y se sim, c para alterar (Enter para mais tarde): {""}
too-quick = Foi demasiado rápido. Leia isto primeiro.
imported =
    O seu administrador introduziu isto por si, para que
    um código lhe dê acesso se não conseguir iniciar sessão. É seu?
imported-prompt = y ou n (Enter para agora não): {""}
imported-prompt-mandatory = y, n ou later: {""}
codes-shown =
    Dez códigos de recuperação, para emergências.
    Cada um dá acesso uma vez, se não conseguir iniciar sessão.
codes-keep =
    Guarde-os em papel: não voltam a ser mostrados.
    Para obter novos, execute: sspr codes
codes-unseen =
    Foram criados dez códigos de recuperação para si,
    que talvez nunca tenha visto. Pretende novos?
codes-off = Os códigos de recuperação não são usados aqui.
remove =
    Isto remove tudo o que pode repor a palavra-passe:
remove-prompt = Introduza remove para remover (Enter: manter): {""}
removed =
    Já nada está registado.
    Para se registar novamente, execute: sspr enroll

# --- contacts that can't be taken
contact-empty = Nada foi introduzido.
contact-too-long = É demasiado longo.
email-no-at =
    Um endereço de e-mail contém @,
    como em ann@example.org.
email-no-dot =
    Depois do @ tem de haver um domínio completo,
    como em ann@example.org.
email-several = Introduza apenas um endereço.
email-display-name = Introduza apenas o endereço, sem parênteses.
email-bad-domain = O que está depois do @ não é um domínio.
email-bad-local = O que está antes do @ não pode estar certo.
email-not-ascii = Antes do @, só letras sem acento.
number-not-one = Isso não é um número de telefone.
number-needs-country =
    Introduza-o com o indicativo do país,
    como em +351 912 345 678.
number-invalid =
    Esse número não existe.
    Verifique os algarismos e o indicativo do país.
email-refused-domain =
    Um endereço em { $domain } não serve aqui:
    pode não ter acesso a ele quando precisar. Escolha outro.
contact-known = Isso já está registado. Escolha outro.
number-not-textable =
    Um número desses não recebe SMS.
    Escolha outro.

# --- the command
enroll-password = Primeiro, confirme a sua identidade.
current-password-prompt = Palavra-passe atual: {""}
enroll-wrong-password =
    Essa não é a sua palavra-passe atual.
    Nada foi alterado.
enroll-not-served = O serviço não está ativo para esta conta.
enroll-unchanged = Nada foi alterado.
enroll-no-way =
    Nada foi alterado: isso requer um código.
    Se já não conseguir obter nenhum, contacte o suporte técnico.
enroll-lost = Não tem nada disto à mão? O suporte pode ajudar.
enroll-menu = O que dá acesso se não puder iniciar sessão:
enroll-menu-nothing = Ainda não está registado nenhum meio de acesso:
enroll-menu-missing =
    O que dá acesso se não puder iniciar sessão.
    A sua conta precisa de mais um meio, de outro tipo:
enroll-menu-prompt = Um número (Enter para concluir): {""}
enroll-add-email = adicionar um endereço de e-mail
enroll-add-phone = adicionar um telefone
enroll-add-app = adicionar uma aplicação de autenticação
enroll-remove = remover
enroll-prefer = usar antes do outro
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 ou 2
    } (Enter para voltar): {""}
enroll-last =
    É o único meio; não pode ser removido.
    Adicione outro primeiro, ou execute: sspr remove
enroll-saved = Guardado.
line-email = e-mail    { $contact }
line-phone = telefone  { $contact }
line-app = aplicação de autenticação
mark-preferred = (usado primeiro)
mark-unconfirmed = (ainda não confirmado)
status-nothing = Nada está registado. Execute: sspr enroll
status-too-few =
    A sua conta precisa de mais um meio, de outro tipo.
    Execute: sspr enroll
status-registered = Registado para repor a palavra-passe:
status-codes = Códigos de recuperação restantes: { $left }
status-confirmed = Última confirmação: { $date }
status-unconfirmed = Será perguntado o que ainda não está confirmado.
status-used = última utilização: { $date }
status-unused = ainda não utilizado
status-not-asked = A reposição não o pede por agora.
status-asks-one = A reposição pede um destes.
status-asks-two = A reposição pede dois destes, de tipos diferentes.

# --- the line in the shell of a user who is not registered
hint-enroll = Para o caso de esquecer a palavra-passe: sspr enroll
hint-codes = Há códigos de recuperação para si: sspr codes

# --- mail, text messages and calls
call-language = pt-PT
call-opening = Olá. Este é o seu código para { $host }.
call-again = Mais uma vez, o seu código é:
call-closing = Adeus.
mail-code-subject = O seu código para { $host }
mail-code-recover =
    { $code } é o seu código para repor a palavra-passe de { $account } em { $host }.

    É válido até { $until }. Introduza-o onde o pediu e não o dê a ninguém.
    Se não o pediu, não precisa de fazer nada: sem o código nada acontece.
mail-code-register =
    { $code } é o seu código para registar este endereço para { $account } em { $host }.

    É válido até { $until }. Introduza-o onde o pediu e não o dê a ninguém.
    Se não o pediu, não precisa de fazer nada.
mail-code-enroll =
    { $code } é o seu código para alterar os contactos de { $account } em { $host }.

    É válido até { $until }. Introduza-o onde o pediu e não o dê a ninguém.
    Se não o pediu, alguém sabe a sua palavra-passe. Altere-a agora e avise o seu administrador.
mail-code-desk =
    { $code } é o código que o suporte técnico lhe pede. É sobre { $account } em { $host }.

    É válido até { $until }. Leia-o em voz alta apenas se foi o próprio a ligar para o suporte técnico: mostra quem é e não repõe nada.
    Se não ligou, não dê este código a ninguém e avise o seu administrador.
text-code-desk = { $code } é o código que o suporte técnico lhe pede sobre { $account } em { $host }. Não ligou? Não o dê a ninguém.
text-code-enroll = { $code } é o seu código para alterar os contactos de { $account } em { $host }. Não foi o próprio? Altere a palavra-passe agora.
text-code-recover = { $code } é o seu código para repor a palavra-passe de { $account } em { $host }. Não o dê a ninguém.
text-code-register = { $code } é o seu código para registar este número para { $account } em { $host }. Não o dê a ninguém.
mail-recovered-subject = A palavra-passe de { $account } em { $host } foi reposta
mail-recovered =
    A palavra-passe de { $account } em { $host } foi reposta em { $when }, por { $service } a partir de { $source }.

    Se foi o próprio, não precisa de fazer nada.
    Se não foi: reponha-a novamente agora para impedir o acesso de outros e avise o seu administrador.
text-recovered = A palavra-passe de { $account } em { $host } foi reposta em { $when } a partir de { $source }. Não foi o próprio? Reponha-a agora e avise o administrador.
mail-unlocked-subject = A conta { $account } em { $host } foi desbloqueada
mail-unlocked =
    Demasiadas palavras-passe erradas tinham bloqueado { $account } em { $host }. A conta foi desbloqueada em { $when }, por { $service } a partir de { $source }. A palavra-passe não foi alterada.

    Se foi o próprio, não precisa de fazer nada.
    Se não foi: avise o seu administrador.
text-unlocked = A conta { $account } em { $host } foi desbloqueada em { $when } a partir de { $source }. A palavra-passe não mudou. Não foi o próprio? Avise o administrador.
mail-contact-changed-subject = Os contactos de { $account } em { $host } foram alterados
mail-contact-changed =
    O que pode repor a palavra-passe de { $account } em { $host } foi alterado em { $when }, por { $service } a partir de { $source }.

    { $change }

    Se foi o próprio, não precisa de fazer nada.
    Se não foi: altere a palavra-passe agora e avise o seu administrador.
text-contact-changed = Reposição da palavra-passe de { $account } em { $host }: { $change } { $when }. Não foi o próprio? Altere a palavra-passe e avise o administrador.
text-about-email = o endereço de e-mail { $contact }
text-about-phone = o telefone { $contact }
text-about-app = a aplicação de autenticação
text-change-added = Adicionado: { $what }.
text-change-announced = Será adicionado em { $from }, vindo do diretório: { $what }.
text-change-removed = Removido: { $what }.
text-change-preferred = Usado primeiro a partir de agora: { $what }.
text-change-codes = Há novos códigos de recuperação; os antigos já não funcionam.
text-change-everything = Removido: tudo o que estava registado.
mail-test-subject = Mensagem de teste de { $host }
mail-test =
    Este é um teste do e-mail que { $host } envia para a reposição de palavras-passe.
    Foi pedido por um administrador. Não contém nenhum código e não é preciso fazer nada.
text-test = Teste de { $host }: os SMS para a reposição de palavras-passe chegam. Não é preciso fazer nada.
text-source-shell = uma shell nesta máquina
mail-blocked-subject = A reposição está suspensa para { $account } em { $host }
mail-blocked =
    Foram introduzidos demasiados códigos errados para { $account } em { $host }. O último foi em { $when }, por { $service } a partir de { $source }.

    A reposição da palavra-passe está suspensa para esta conta durante algum tempo. A sua palavra-passe funciona como antes.
    Se não foi o próprio, alguém tentou entrar. Nada foi alterado. Avise o seu administrador.
text-blocked = Demasiados códigos errados para { $account } em { $host }, o último de { $source }. A reposição está suspensa; a palavra-passe funciona como antes. Não foi o próprio? Avise o administrador.
mail-admin-recovered-subject = A palavra-passe do administrador { $account } em { $host } foi reposta
mail-admin-recovered =
    A palavra-passe de { $account } em { $host } foi reposta em { $when }, por { $service } a partir de { $source }. A conta é de um administrador.

    Se não foi { $account }: bloqueie a conta agora, por exemplo com "usermod -L { $account }", e consulte o registo do sistema (journal).
mail-many-failures-subject = Muitos códigos errados em { $host }
mail-many-failures =
    Na hora anterior a { $when } foram introduzidos em { $host } mais códigos errados do que [limits] failed_proofs_per_hour permite. O último veio por { $service } a partir de { $source }.

    Alguém pode estar a adivinhar. Cada conta tem o seu próprio limite, pelo que não é preciso fazer nada de imediato; "sspr admin audit" mostra de que contas se tratava e de onde. Até terminar, as respostas numa reposição demoram até um segundo a mais.
mail-failures-at-source-subject = Muitos códigos errados de uma só origem em { $host }
mail-failures-at-source =
    Na hora anterior a { $when }, uma só origem introduziu em { $host } mais códigos errados do que uma origem pode: mais do que a sua parte de [limits] failed_proofs_per_hour. O último veio por { $service } a partir de { $source }.

    Alguém pode estar a adivinhar a partir daí. Cada conta tem o seu próprio limite, pelo que não é preciso fazer nada de imediato; "sspr admin audit" mostra de que contas se tratava. Até terminar, as respostas numa reposição demoram até um segundo a mais para essa origem, e para mais ninguém. Um e-mail destes chega no máximo uma vez por dia; as outras origens estão no registo de auditoria.
